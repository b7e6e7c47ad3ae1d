package aviary.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models as the converters of web-rwkv and ai00 write them. */
class WebRwkvNamesTest {
  @TempDir Path folder;

  /** What the converter's versions exchange, by the names that they look for. */
  private enum Version {
    /** web-rwkv before November 2023: nothing of RWKV-6. */
    NOTHING(Set.of()),
    /** ai00, December 2023 to March 2024: it looked for new names among the old ones. */
    DECAY(Set.of("time_decay_w1", "time_decay_w2")),
    /** Both before March 2024: the first two dimensions. */
    FIRST(Set.of("time_mix_w1", "time_mix_w2", "time_decay_w1", "time_decay_w2")),
    /** Since then the last two. */
    ALL(Set.of("time_mix_w1", "time_mix_w2", "time_decay_w1", "time_decay_w2", "time_state"));

    private final Set<String> exchanged;

    Version(Set<String> exchanged) {
      this.exchanged = exchanged;
    }
  }

  private static Weights half(Weights weights) {
    Map<String, Tensor> halves = new LinkedHashMap<>();
    weights
        .tensors()
        .forEach((name, tensor) -> {
          float[] floats = tensor.toFloats();
          MemorySegment data = Arena.ofAuto().allocate(2L * floats.length);
          for (int i = 0; i < floats.length; i++) {
            data.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(floats[i]));
          }
          halves.put(name, new Tensor(name, DType.F16, tensor.shape(), data));
        });
    return new Weights(weights.config(), halves);
  }

  /** What a converter makes of weights. */
  private static Weights converted(Weights weights, Version version) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    weights
        .tensors()
        .forEach((old, tensor) -> {
          String name = old.replace("time_faaaa", "time_first").replace("time_maa", "time_mix");
          String last = name.substring(name.lastIndexOf('.') + 1);
          Tensor renamed = tensor.renamed(name);
          out.put(name, version.exchanged.contains(last) ? exchanged(renamed, version) : renamed);
        });
    return new Weights(weights.config(), out);
  }

  private static Tensor exchanged(Tensor tensor, Version version) {
    Arena arena = Arena.ofAuto();
    if (tensor.shape().length == 2) {
      return WebRwkvNames.permuted(tensor, arena, 1, 0);
    }
    return version == Version.FIRST
        ? WebRwkvNames.permuted(tensor, arena, 1, 0, 2)
        : WebRwkvNames.permuted(tensor, arena, 0, 2, 1);
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void aFinchIsTheOneThatWasConverted(Version version) throws IOException {
    Weights finch = half(Weights.finch());
    finch.assertIn(converted(finch, version).write(folder.resolve("finch.st")));
  }

  @Test
  void aFinchOfAnyTypeIsKnownByItsNames() throws IOException {
    Weights finch = Weights.finch();
    finch.assertIn(converted(finch, Version.ALL).write(folder.resolve("finch.safetensors")));
  }

  @Test
  void anEagleIsTheOneThatWasConverted() throws IOException {
    Weights eagle = half(Weights.eagle());
    eagle.assertIn(converted(eagle, Version.ALL).write(folder.resolve("eagle.st")));
    Weights first = half(Weights.firstEagle());
    first.assertIn(converted(first, Version.ALL).write(folder.resolve("first.st")));
  }

  @Test
  void aTunedInitialStateIsTransposedWithTheRest() throws IOException {
    for (Weights weights : List.of(half(Weights.finch()), half(Weights.eagle()))) {
      ModelConfig config = weights.config();
      Weights tuned = weights;
      for (int layer = 0; layer < config.layers(); layer++) {
        tuned = tuned.with(counting("blocks." + layer + ".att.time_state", config));
      }
      tuned.assertIn(converted(tuned, Version.ALL).write(folder.resolve("tuned.st")));
      tuned.assertIn(tuned.write(folder.resolve("original.st")));
    }
  }

  private static Tensor counting(String name, ModelConfig config) {
    int n = config.headSize();
    long[] shape = {config.heads(), n, n};
    MemorySegment data = Arena.ofAuto().allocate(2L * config.heads() * n * n);
    for (int i = 0; i < config.heads() * n * n; i++) {
      data.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(i));
    }
    return new Tensor(name, DType.F16, shape, data);
  }

  /** The ranks are as large as the model is wide, so that a matrix and its transpose look alike. */
  @Test
  void squareMatricesAreReadByTheOthersOrRefused() throws IOException {
    Weights finch = Weights.finch();
    int d = finch.config().width();
    for (int layer = 0; layer < finch.config().layers(); layer++) {
      finch =
          finch
              .with(DecayMatrix.of("blocks." + layer + ".att.time_decay_w1", d))
              .with(DecayMatrix.of("blocks." + layer + ".att.time_decay_w2", d));
    }
    ModelConfig c = finch.config();
    Weights wide =
        new Weights(
            new ModelConfig(
                c.architecture(),
                c.layers(),
                d,
                c.heads(),
                c.headSize(),
                c.feedForward(),
                c.vocabulary(),
                c.mixRank(),
                d,
                c.headSizeDivisor(),
                c.gated(),
                c.decay()),
            finch.tensors());
    wide.assertIn(converted(wide, Version.ALL).write(folder.resolve("wide.st")));
    for (Version version : List.of(Version.NOTHING, Version.DECAY)) {
      Refusals.assertRefused(
          converted(wide, version).write(folder.resolve("wide.st")),
          "has the names that web-rwkv's .* but the shape of blocks.0.att.time_decay_w1 .* does not"
              + " tell whether it is transposed: use the .pth .*");
    }
  }

  /** A square matrix that is not its own transpose. */
  private static final class DecayMatrix {
    static Tensor of(String name, int width) {
      MemorySegment data = Arena.ofAuto().allocate(4L * width * width);
      for (int i = 0; i < width * width; i++) {
        data.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      return new Tensor(name, DType.F32, new long[] {width, width}, data);
    }
  }

  @Test
  void wrongShapesAreNamed() throws IOException {
    Refusals.assertRefused(
        converted(Weights.finch(), Version.ALL)
            .with("blocks.1.att.time_mix_w1", DType.F32, 79, 64)
            .write(folder.resolve("finch.st")),
        "tensor blocks.1.att.time_maa_w1 has shape \\[79, 64\\], wanted \\[64, 80\\]");
    Refusals.assertRefused(
        converted(Weights.finch(), Version.ALL)
            .with("blocks.0.att.time_maa_x", DType.F32, 64)
            .write(folder.resolve("finch.st")),
        "has blocks.0.att.time_maa_x under two names");
  }

  @Test
  void aBonusThatMayBeALogarithmIsRefused() throws IOException {
    Weights gated = Weights.firstEagle();
    for (int layer = 0; layer < gated.config().layers(); layer++) {
      gated = gated.with("blocks." + layer + ".att.gate.weight", DType.F32, 64, 64);
    }
    Refusals.assertRefused(
        gated.write(folder.resolve("eagle.st")),
        "has a gate and a blocks.0.att.time_first of one number a head, .*");
  }

  @Test
  void permutedIsPermute() {
    MemorySegment data = MemorySegment.ofArray(new float[] {0, 1, 2, 3, 4, 5});
    Tensor tensor = new Tensor("t", DType.F32, new long[] {1, 2, 3}, data);
    Tensor last = WebRwkvNames.permuted(tensor, Arena.ofAuto(), 0, 2, 1);
    assertEquals("t F32[1, 3, 2]", last.toString());
    assertEquals(List.of(0f, 3f, 1f, 4f, 2f, 5f), List.of(boxed(last.toFloats())));
    Tensor first = WebRwkvNames.permuted(tensor, Arena.ofAuto(), 1, 0, 2);
    assertEquals("t F32[2, 1, 3]", first.toString());
    assertEquals(List.of(0f, 1f, 2f, 3f, 4f, 5f), List.of(boxed(first.toFloats())));
  }

  private static Float[] boxed(float[] numbers) {
    Float[] out = new Float[numbers.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = numbers[i];
    }
    return out;
  }
}
