package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.model.ModelConfig.Architecture;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InitialWeightsTest {
  @TempDir Path folder;

  private static ModelConfig config(Architecture architecture, int layers, int width, int heads) {
    return new ModelShape(architecture, layers, width, 67, width / heads, null, null, null)
        .config();
  }

  private static Model model(Architecture architecture) {
    return new InitialWeights(config(architecture, 3, 8, 2), 1).model(Arena.ofAuto());
  }

  /** RWKV-LM's formulas in Python, for layer 1 of 3 and width 8. */
  private static final Map<String, float[]> OF_BOTH =
      Map.of(
          "att.time_decay",
          new float[] {
            -6,
            -5.63851719f,
            -5.07853648f,
            -4.40705293f,
            -3.65107777f,
            -2.82534047f,
            -1.93938478f,
            -1
          },
          "att.time_faaaa",
          new float[] {
            0.5f,
            0.528571429f,
            0.257142857f,
            0.285714286f,
            0.314285714f,
            0.0428571429f,
            0.0714285714f,
            0.1f
          },
          "att.ln_x.weight",
          filled(0.752897957f),
          "att.ln_x.bias",
          new float[8],
          "ln1.weight",
          filled(1),
          "ln2.bias",
          new float[8]);

  private static final float[] FINCH_K = {
    1, 0.75f, 0.603149737f, 0.479979044f, 0.370039475f, 0.268995565f, 0.174518188f, 0.0851735725f
  };
  private static final float[] FINCH_R = {
    1, 0.5f, 0.370039475f, 0.278875215f, 0.206299474f, 0.145012027f, 0.0914397036f, 0.0435344086f
  };
  private static final float[] FINCH_FFN = {
    1,
    0.459970131f,
    0.336849877f,
    0.252197277f,
    0.185659701f,
    0.129998493f,
    0.0817073355f,
    0.0387923891f
  };
  private static final float[] EAGLE_K = {
    0, 0.25f, 0.396850263f, 0.520020956f, 0.629960525f, 0.731004435f, 0.825481812f, 0.914826428f
  };
  private static final float[] EAGLE_R = {
    0, 0.5f, 0.629960525f, 0.721124785f, 0.793700526f, 0.854987973f, 0.908560296f, 0.956465591f
  };

  private static final Map<String, float[]> OF_FINCH =
      Map.of(
          "att.time_maa_x",
          FINCH_K,
          "att.time_maa_w",
          FINCH_K,
          "att.time_maa_k",
          FINCH_K,
          "att.time_maa_v",
          plus(FINCH_K, -0.15f),
          "att.time_maa_r",
          FINCH_R,
          "att.time_maa_g",
          FINCH_R,
          "ffn.time_maa_k",
          FINCH_FFN,
          "ffn.time_maa_r",
          FINCH_FFN);

  private static final Map<String, float[]> OF_EAGLE =
      Map.of(
          "att.time_mix_k",
          EAGLE_K,
          "att.time_mix_v",
          plus(EAGLE_K, 0.15f),
          "att.time_mix_r",
          EAGLE_R,
          "att.time_mix_g",
          EAGLE_R,
          "ffn.time_mix_k",
          EAGLE_K,
          "ffn.time_mix_r",
          EAGLE_K);

  private static float[] filled(float number) {
    return plus(new float[8], number);
  }

  private static float[] plus(float[] numbers, float more) {
    float[] sums = new float[numbers.length];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = numbers[i] + more;
    }
    return sums;
  }

  @ParameterizedTest
  @EnumSource
  void vectorsAreThoseOfTheFormulas(Architecture architecture) {
    Model model = model(architecture);
    assertVectors(OF_BOTH, model);
    assertVectors(architecture == Architecture.FINCH ? OF_FINCH : OF_EAGLE, model);
  }

  private static void assertVectors(Map<String, float[]> wanted, Model model) {
    // Floats have 24 bits, and the Python numbers 9 digits.
    wanted.forEach((name, numbers) ->
        assertArrayEquals(numbers, model.tensor("blocks.1." + name).toFloats(), 2e-7f * 6, name));
  }

  @Test
  void theOnlyLayerIsTheFirst() {
    Model model = new InitialWeights(config(Architecture.EAGLE, 1, 8, 1), 1).model(Arena.ofAuto());
    float[] bonus = model.tensor("blocks.0.att.time_faaaa").toFloats();
    assertArrayEquals(new float[] {0, 0.1f, -0.1f, 0, 0.1f, -0.1f, 0, 0.1f}, bonus, 1e-7f);
  }

  @ParameterizedTest
  @EnumSource
  void whatWritesToTheStreamIsZero(Architecture architecture) {
    Model model = model(architecture);
    assertAll(model, "blocks.2.att.output.weight", 0, 0);
    assertAll(model, "blocks.2.ffn.value.weight", 0, 0);
    assertAll(model, "blocks.2.ffn.receptance.weight", 0, 0);
    assertAll(model, "emb.weight", 0.99e-4f, 1e-4f);
    if (architecture == Architecture.FINCH) {
      assertAll(model, "blocks.2.att.time_maa_w1", 0, 0);
      assertAll(model, "blocks.2.att.time_decay_w1", 0, 0);
      assertAll(model, "blocks.2.att.time_maa_w2", 0.0099f, 0.01f);
      assertAll(model, "blocks.2.att.time_decay_w2", 0.0095f, 0.01f);
    }
  }

  /** The greatest magnitude lies in a range, and the mean is near zero. */
  private static void assertAll(Model model, String name, float least, float most) {
    float[] numbers = model.tensor(name).toFloats();
    double sum = 0;
    float greatest = 0;
    for (float number : numbers) {
      sum += number;
      greatest = Math.max(greatest, Math.abs(number));
    }
    assertTrue(least <= greatest && greatest <= most, name + ": " + greatest);
    // Five deviations of the mean of uniform numbers.
    assertEquals(0, sum / numbers.length, 5 * most / Math.sqrt(3.0 * numbers.length), name);
  }

  @ParameterizedTest
  @EnumSource
  void matricesAreOrthogonalWithTheirGains(Architecture architecture) {
    Model model = model(architecture);
    String att = "blocks.2.att.";
    assertLength(model, att + "receptance.weight", 1);
    assertLength(model, att + "value.weight", 1);
    assertLength(model, att + "key.weight", 0.1);
    assertLength(model, att + "gate.weight", 0.1);
    assertLength(model, "blocks.2.ffn.key.weight", 1);
    assertLength(model, "head.weight", 0.5 * Math.sqrt(67.0 / 8));
  }

  private static void assertLength(Model model, String name, double gain) {
    float[] numbers = model.tensor(name).toFloats();
    double sum = 0;
    for (float number : numbers) {
      sum += (double) number * number;
    }
    // Eight orthogonal columns of that length; floats add their rounding.
    assertEquals(8 * gain * gain, sum, 1e-5 * gain * gain, name);
  }

  @ParameterizedTest
  @EnumSource
  void eachTensorHasItsOwnNumbersWhateverMadeThem(Architecture architecture) throws Exception {
    ModelConfig config = config(architecture, 3, 64, 2);
    Model model = new InitialWeights(config, 7).model(Arena.ofAuto());
    Model alone;
    try (ForkJoinPool one = new ForkJoinPool(1)) {
      alone = one.submit(() -> new InitialWeights(config, 7).model(Arena.ofAuto())).get();
    }
    model
        .tensors()
        .forEach((name, tensor) -> {
          assertEquals(-1, tensor.data().mismatch(alone.tensor(name).data()), name);
        });
    Model other = new InitialWeights(config, 8).model(Arena.ofAuto());
    String value = "blocks.0.att.value.weight";
    assertNotEquals(-1, bytes(model, value).mismatch(other, value));
    assertNotEquals(-1, bytes(model, value).mismatch(model, "blocks.1.att.value.weight"));
    assertNotEquals(-1, bytes(model, value).mismatch(model, "blocks.0.att.receptance.weight"));
  }

  private record Bytes(Tensor tensor) {
    long mismatch(Model model, String name) {
      return tensor.data().mismatch(model.tensor(name).data());
    }
  }

  private static Bytes bytes(Model model, String name) {
    return new Bytes(model.tensor(name));
  }

  @ParameterizedTest
  @EnumSource
  void aFileHoldsTheSameNumbersRounded(Architecture architecture) throws IOException {
    ModelConfig config = config(architecture, 2, 64, 2);
    InitialWeights weights = new InitialWeights(config, 5);
    Model inMemory = weights.model(Arena.ofAuto());
    for (WeightType type : WeightType.values()) {
      Path path = folder.resolve(type + ".safetensors");
      SafetensorsWriter.write(path, weights.metadata(), weights.entries(type));
      Map<String, Tensor> wanted =
          ModelConversion.convert(inMemory, type, Arena.ofAuto()).tensors();
      try (Arena arena = Arena.ofConfined()) {
        Model model = ModelFiles.open(path, arena);
        assertEquals(config, model.config());
        assertEquals("8", model.metadata().get("head_size_divisor"));
        assertEquals(wanted.keySet(), model.tensors().keySet());
        wanted.forEach((name, tensor) -> {
          assertEquals(tensor.toString(), model.tensor(name).toString());
          assertEquals(-1, tensor.data().mismatch(model.tensor(name).data()), name);
        });
        assertRuns(model);
      }
    }
  }

  private static void assertRuns(Model model) {
    try (Engine engine = ReferenceBackend.engine(model)) {
      int[] tokens = {1, 5, 66, 0, 5};
      Logits logits = engine.forward(Batch.of(Batch.Sequence.all(engine.newState(), tokens)));
      for (int row = 0; row < tokens.length; row++) {
        float[] numbers = logits.row(row);
        for (float number : numbers) {
          assertTrue(Float.isFinite(number));
        }
        assertTrue(numbers[0] != numbers[1]);
      }
    }
  }

  @Test
  void theFirstRwkv5HasNoKnownInitialValues() {
    ModelConfig config = Weights.firstEagle().config();
    assertThrows(IllegalArgumentException.class, () -> new InitialWeights(config, 1));
  }

  @Test
  void dataAreOfTheTypeThatIsAskedFor() {
    ModelConfig config = config(Architecture.FINCH, 1, 64, 2);
    var entries = new InitialWeights(config, 5).entries(WeightType.Q8_0);
    assertEquals(1, entries.stream().filter(e -> e.name().equals("emb.weight.scale")).count());
    entries.stream()
        .filter(e -> e.name().contains("time_maa_w1"))
        .forEach(e -> assertEquals(DType.F32, e.dtype()));
  }
}
