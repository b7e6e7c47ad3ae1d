package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.SharedData;
import aviary.agreement.GoldenSuite;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.StateData;
import aviary.model.ModelConfig.DecayForm;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import aviary.torch.SavedTensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {
  @TempDir Path folder;

  static List<RandomModel> everyShapeAndType() {
    return RandomModels.all();
  }

  @ParameterizedTest
  @MethodSource("everyShapeAndType")
  void aSafetensorsFileIsTheModelThatWasWritten(RandomModel random) throws IOException {
    Weights weights = Weights.of(random);
    weights.assertIn(weights.write(folder.resolve("model")));
  }

  @ParameterizedTest
  @MethodSource("everyShapeAndType")
  void aFileOfTorchSaveIsTheModelThatWasWritten(RandomModel random) throws IOException {
    Weights weights = Weights.of(random);
    Files.writeString(
        folder.resolve("config.json"),
        "{\"a\": {\"head_size_divisor\": 3}, \"head_size_divisor\": %s, \"z\": [1]}"
            .formatted(random.config().headSizeDivisor()));
    weights.assertIn(SavedTensors.write(folder.resolve("model"), weights.tensors()));
  }

  @Test
  void huggingFaceNamesAndShapesAreThoseOfTheOriginal() throws IOException {
    for (Weights weights : List.of(Weights.eagle(), Weights.firstEagle(), Weights.finch())) {
      Weights huggingFace = weights.named(Weights::huggingFace);
      for (Tensor tensor : weights.tensors().values()) {
        if (tensor.name().contains("time_m") && tensor.shape()[0] == 1) {
          huggingFace =
              huggingFace.reshaped(Weights.huggingFace(tensor.name()), weights.config().width());
        }
      }
      weights.assertIn(huggingFace.write(folder.resolve("model.safetensors")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.", "module.", "_forward_module.", "_forward_module.model."})
  void whatTrainingProgramsPutBeforeNamesIsTakenAway(String prefix) throws IOException {
    Weights weights = Weights.finch();
    weights.assertIn(weights.named(prefix::concat).write(folder.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4,16", "4,16,1", "1,4,16", "1,4,1,16"})
  void dimensionsOfOneDoNotMatterForVectors(String shape) throws IOException {
    Weights weights = Weights.finch();
    long[] sides = List.of(shape.split(",")).stream().mapToLong(Long::parseLong).toArray();
    Weights changed =
        weights
            .reshaped("blocks.0.att.time_faaaa", sides)
            .reshaped("blocks.1.att.time_faaaa", 64)
            .reshaped("blocks.1.att.time_decay", sides)
            .reshaped("blocks.1.ln1.weight", 1, 64);
    weights.assertIn(changed.write(folder.resolve("model.safetensors")));
  }

  @Test
  void decayAndBonusMayEachHaveOneNumberAHead() throws IOException {
    Weights weights = Weights.eagle().without("time_faaaa").without("time_decay");
    for (int layer = 0; layer < 2; layer++) {
      weights = weights.with("blocks." + layer + ".att.time_decay", DType.F32, 4, 1, 1);
      weights = weights.with("blocks." + layer + ".att.time_faaaa", DType.F32, 4, 1);
    }
    try (Arena arena = Arena.ofConfined()) {
      ModelConfig config =
          ModelFiles.open(weights.write(folder.resolve("model.safetensors")), arena).config();
      assertEquals(4, config.heads());
      assertEquals(16, config.headSize());
      assertEquals(true, config.gated());
      assertEquals(
          new DecayForm(
              new Weight("att.time_decay", Weight.Form.PER_HEAD),
              new Weight("att.time_faaaa", Weight.Form.PER_HEAD)),
          config.decay());
    }
  }

  @Test
  void theInventoryListsExactlyTheTensorsOfAModel() {
    for (Weights weights : List.of(Weights.eagle(), Weights.firstEagle(), Weights.finch())) {
      Inventory inventory = Inventory.of(weights.config());
      Map<String, String> listed = new TreeMap<>();
      inventory.all().forEach(item -> listed.put(item.name(), Arrays.toString(item.shape())));
      Map<String, String> there = new TreeMap<>();
      weights.tensors().forEach((name, tensor) -> there.put(name, Arrays.toString(tensor.shape())));
      assertEquals(there, listed);
      assertEquals(there.size(), inventory.count());
    }
  }

  @Test
  void tensorsThatTheModelDoesNotUseAreLeftOut() throws IOException {
    Weights weights = Weights.finch();
    Weights more =
        weights.with("blocks.0.att.note", DType.I64, 3).with("optimizer.step", DType.I64, 1);
    weights.assertIn(more.write(folder.resolve("model.safetensors")));
  }

  @Test
  void smallWeightsMayBeInDoublePrecision() throws IOException {
    Weights weights = Weights.finch().with("ln_out.bias", DType.F64, 64);
    weights.assertIn(weights.write(folder.resolve("model.safetensors")));
  }

  @Test
  void aTimeStateIsTheInitialStateWithTheKeysChannelFirst() throws IOException {
    Weights weights = Weights.finch();
    int n = 16;
    for (int layer = 0; layer < 2; layer++) {
      float[] numbers = new float[4 * n * n];
      for (int head = 0; head < 4; head++) {
        for (int value = 0; value < n; value++) {
          for (int key = 0; key < n; key++) {
            numbers[(head * n + value) * n + key] = number(layer, head, key, value);
          }
        }
      }
      MemorySegment data = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
      weights =
          weights.with(
              new Tensor(
                  "blocks." + layer + ".att.time_state", DType.F32, new long[] {4, n, n}, data));
    }
    Path path = weights.write(folder.resolve("model.safetensors"));
    weights.assertIn(path);
    try (Arena arena = Arena.ofConfined()) {
      assertTimeState(ModelFiles.open(path, arena).initialState());
    }
    Weights tuned = weights.named(name -> name.endsWith("time_state") ? name : null);
    assertTimeState(StateData.load(tuned.write(folder.resolve("tuned.safetensors"))));
    assertTimeState(
        StateData.load(SavedTensors.write(folder.resolve("tuned.pth"), tuned.tensors())));
  }

  private static void assertTimeState(StateData state) {
    assertEquals(64, state.width());
    assertArrayEquals(new float[2 * 64], state.attShift());
    assertArrayEquals(new float[2 * 64], state.ffnShift());
    int at = 0;
    for (int layer = 0; layer < 2; layer++) {
      for (int head = 0; head < 4; head++) {
        for (int key = 0; key < 16; key++) {
          for (int value = 0; value < 16; value++) {
            assertEquals(number(layer, head, key, value), state.wkv()[at++]);
          }
        }
      }
    }
  }

  private static float number(int layer, int head, int key, int value) {
    return layer * 1000 + head * 300 + key * 17 + value;
  }

  @ParameterizedTest
  @CsvSource({
    "in the file,     '{\"head_size_divisor\": 5}', 2,    2",
    "beside the file, '{\"head_size_divisor\": 5}', ,     5",
    "with a fraction, '{\"x\": null, \"head_size_divisor\": 0.25}', , 0.25",
    "nowhere,         '{\"hidden_size\": 64}',      ,     8"
  })
  void theHeadSizeDivisorIsFound(String where, String config, String metadata, float wanted)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    Path path =
        Weights.finch()
            .write(
                folder.resolve("model.safetensors"),
                metadata == null ? Map.of("a", "b") : Map.of("head_size_divisor", metadata));
    try (Arena arena = Arena.ofConfined()) {
      Model model = ModelFiles.open(path, arena);
      assertEquals(wanted, model.config().headSizeDivisor(), where);
      assertEquals(wanted, Float.parseFloat(model.metadata().get("head_size_divisor")));
    }
  }

  @Test
  void trainedModelsHaveTheShapesThatTheyWereTrainedWith() throws IOException {
    assertEquals(GoldenSuite.EAGLE, trained("tiny-eagle-5v2.safetensors"));
    assertEquals(GoldenSuite.FINCH, trained("tiny-finch-6v0.safetensors"));
    ModelConfig withoutMetadata = trained("tiny-eagle-5v2.bf16.pth");
    assertEquals(8, withoutMetadata.headSizeDivisor());
    assertEquals("RWKV-5.2 \"Eagle\"", withoutMetadata.title());
  }

  private static ModelConfig trained(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return ModelFiles.open(SharedData.file("models/" + name), arena).config();
    }
  }
}
