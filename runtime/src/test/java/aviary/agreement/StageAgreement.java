package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.engine.Backend;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Pass;
import aviary.engine.Split;
import aviary.engine.Stage;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every device must do that is to run some of a model's layers, beside another device. */
public interface StageAgreement extends OnDevice {

  /** As the first stage, as the last, and as the one between. */
  @ParameterizedTest
  @ValueSource(strings = {"HERE,reference", "reference,HERE", "reference,HERE,reference"})
  default void agreesBesideAnotherDevice(String stages) {
    String devices = stages.replace("HERE", device());
    for (RandomModel random : RandomModels.all()) {
      if (random.config().layers() == devices.split(",").length) {
        Model model = random.model();
        try (Engine reference = ReferenceBackend.engine(model);
            Engine split = Backends.open(model, devices, byLayers())) {
          for (int count : new int[] {1, 41}) {
            int[] tokens = random.tokens(count);
            Outcome expected = Way.ONE_PIECE.run(reference, tokens);
            for (Way way : Way.values()) {
              String what = "%d tokens %s, %s".formatted(count, way, random);
              way.run(split, tokens).assertLike(expected, tolerance(), what);
            }
          }
        }
      }
    }
  }

  private EngineOptions byLayers() {
    return new EngineOptions(options().threads(), Optional.of(new Split.OfLayers(List.of())));
  }

  /** More than one pass, so that both devices are at work at the same time. */
  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void agreesAfterALongPromptBesideAnotherDevice(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(700);
    for (String devices : List.of(device() + ",reference", "reference," + device())) {
      try (Engine reference = ReferenceBackend.engine(model);
          Engine split = Backends.open(model, devices, byLayers())) {
        Outcome expected = Way.ONE_PIECE.run(reference, tokens);
        Way.ONE_PIECE.run(split, tokens).assertLike(expected, tolerance(), devices + " at once");
        Way.IN_A_BATCH
            .run(split, tokens)
            .assertLike(expected, tolerance(), devices + " in a batch");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void aStateGoesFromASplitModelToAWholeOneAndBack(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(30);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine whole = open(model);
        Engine split = Backends.open(model, device() + ",reference", byLayers())) {
      StateData state = after(split, split.newState(), Arrays.copyOf(tokens, 10)).state();
      state = after(whole, whole.newState(state), Arrays.copyOfRange(tokens, 10, 20)).state();
      after(split, split.newState(state), Arrays.copyOfRange(tokens, 20, 30))
          .assertLike(
              after(reference, reference.newState(), tokens), tolerance(), "the last token");
    }
  }

  /** The logits after the last of the tokens, and the state. */
  private static Outcome after(Engine engine, State state, int[] tokens) {
    Logits logits = engine.forward(Batch.of(Sequence.last(state, tokens)));
    return new Outcome(Outcome.rows(logits, 0, 1), state.read());
  }

  /** All others are missing from the model here; what comes out is the same. */
  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  default void aStageNeedsItsOwnWeightsOnly(RandomModel random) {
    int all = random.config().layers();
    for (int first = 0; first < all; first++) {
      for (int count = 1; count <= all - first; count++) {
        Layers layers = new Layers(first, count, all);
        Model model = random.model();
        List<float[]> expected = run(random, model, layers);
        List<float[]> actual = run(random, only(layers, model), layers);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
          assertArrayEquals(expected.get(i), actual.get(i), layers + " of " + random);
        }
      }
    }
  }

  /** What comes out of a stage for a few rows: logits, or the rows themselves; and the state. */
  private List<float[]> run(RandomModel random, Model model, Layers layers) {
    ModelConfig config = random.config();
    int[] tokens = random.tokens(5);
    float[] hidden = new float[tokens.length * config.width()];
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = (float) Math.sin(i);
    }
    try (Stage stage = backend().open(model, layers, device(), options())) {
      State state =
          stage.newState(
              StateData.zero(layers.count(), config.width(), config.heads(), config.headSize()));
      Pass pass =
          new Pass(
              List.of(new Pass.Part(state, 0, tokens.length)),
              tokens,
              new int[] {1, tokens.length - 1});
      Logits logits = stage.run(pass, hidden);
      assertEquals(layers.givesLogits() ? 2 : 0, logits.rows());
      List<float[]> out = layers.givesLogits() ? Outcome.rows(logits, 0, 2) : List.of(hidden);
      StateData data = state.read();
      return IntStream.range(0, out.size() + 3)
          .mapToObj(i ->
              switch (i) {
                case 0 -> data.attShift();
                case 1 -> data.ffnShift();
                case 2 -> data.wkv();
                default -> out.get(i - 3);
              })
          .toList();
    }
  }

  private Backend backend() {
    return Backends.all().stream()
        .filter(backend -> device().split(":")[0].equals(backend.name()))
        .findFirst()
        .orElseThrow();
  }

  /** The model without the weights of others. */
  private static Model only(Layers layers, Model model) {
    Map<String, Tensor> tensors = new TreeMap<>(model.tensors());
    tensors.keySet().removeIf(name -> !isOf(layers, name));
    return new Model(model.config(), tensors);
  }

  private static boolean isOf(Layers layers, String tensor) {
    if (tensor.startsWith("blocks.")) {
      int layer = Integer.parseInt(tensor.split("\\.")[1]);
      return layer >= layers.first() && layer < layers.first() + layers.count();
    }
    return tensor.startsWith("emb.") ? layers.takesTokens() : layers.givesLogits();
  }
}
