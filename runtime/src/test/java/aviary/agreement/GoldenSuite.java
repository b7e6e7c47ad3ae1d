package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.SharedData;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.WeightType;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.SafetensorsFile;
import aviary.torch.PthFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every device must do on two small trained models, whose right answers are known. Skipped
 * where the sample data are missing; {@link EngineAgreement} covers the same ground without them.
 */
public interface GoldenSuite extends OnDevice {

  /** Said here because the {@code .pth} cannot tell its {@code head_size_divisor}. */
  ModelConfig EAGLE =
      new ModelConfig(
          Architecture.EAGLE, 12, 64, 8, 8, 256, 256, 0, 0, 1, true, DecayForm.PER_CHANNEL);

  /** The other model's shapes. */
  ModelConfig FINCH =
      new ModelConfig(
          Architecture.FINCH, 12, 128, 16, 8, 448, 256, 32, 64, 8, true, DecayForm.PER_CHANNEL);

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny-eagle-5v2.a", "tiny-eagle-5v2.b", "tiny-finch-6v0.a", "tiny-finch-6v0.b"})
  default void goldenLogitsAndStateComeOutByEveryWay(String name) throws IOException {
    Golden golden = Golden.read(name);
    try (Arena arena = Arena.ofShared();
        Engine engine = open(f32Model(name, arena))) {
      for (Way way : Way.values()) {
        way.run(engine, golden.tokens()).assertLike(golden.outcome(), tolerance(), way.name());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny-eagle-5v2.a", "tiny-eagle-5v2.b", "tiny-finch-6v0.a", "tiny-finch-6v0.b"})
  default void theMostLikelyTokensAreTheGoldenOnes(String name) throws IOException {
    Golden golden = Golden.read(name);
    try (Arena arena = Arena.ofShared();
        Engine engine = open(f32Model(name, arena))) {
      int[] greedy = greedy(engine, golden.tokens(), golden.greedy().length);
      assertArrayEquals(golden.greedy(), greedy);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-eagle-5v2.a", "tiny-eagle-5v2.b"})
  default void aPthOfBf16RunsAsTheReferenceRunsIt(String name) throws IOException {
    Golden golden = Golden.read(name);
    try (Arena arena = Arena.ofShared()) {
      Model model = bf16Model(arena);
      try (Engine reference = ReferenceBackend.engine(model);
          Engine engine = open(model)) {
        Outcome expected = Way.ONE_PIECE.run(reference, golden.tokens());
        for (Way way : Way.values()) {
          way.run(engine, golden.tokens()).assertLike(expected, tolerance(), way.name());
        }
        int count = golden.greedy().length;
        assertArrayEquals(
            greedy(reference, golden.tokens(), count), greedy(engine, golden.tokens(), count));
      }
    }
  }

  /**
   * The {@code .pth} holds the F32 model's weights rounded to BF16. {@link WeightTypeAgreement}
   * says how far that moves the logits at most.
   */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-eagle-5v2.a", "tiny-eagle-5v2.b"})
  default void aPthOfBf16ComesNearTheGoldenLogits(String name) throws IOException {
    Golden golden = Golden.read(name);
    double expected = WeightTypeAgreement.distance(WeightType.BF16);
    try (Arena arena = Arena.ofShared();
        Engine engine = open(bf16Model(arena))) {
      double distance = Way.ONE_PIECE.run(engine, golden.tokens()).distance(golden.outcome());
      assertTrue(
          distance < expected,
          "logits moved by %.3g of their size; expected was at most %.3g"
              .formatted(distance, expected));
    }
  }

  private static Model f32Model(String golden, Arena arena) throws IOException {
    String name = golden.substring(0, golden.lastIndexOf('.'));
    Path path = SharedData.file("models/" + name + ".safetensors");
    ModelConfig config = name.contains("finch") ? FINCH : EAGLE;
    return new Model(config, SafetensorsFile.open(path, arena).tensors());
  }

  private static Model bf16Model(Arena arena) throws IOException {
    Path path = SharedData.file("models/tiny-eagle-5v2.bf16.pth");
    return new Model(EAGLE, PthFile.open(path, arena).tensors());
  }

  /** The most likely tokens behind the prompt, one after the other. */
  private static int[] greedy(Engine engine, int[] prompt, int count) {
    int[] tokens = new int[count];
    try (State state = engine.newState()) {
      Logits logits = engine.forward(Batch.of(Sequence.last(state, prompt)));
      for (int i = 0; i < count; i++) {
        tokens[i] = logits.argmax(0);
        logits = engine.forward(Batch.of(Sequence.last(state, tokens[i])));
      }
    }
    return tokens;
  }
}
