package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.SharedData;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectTest {
  @TempDir Path folder;

  private static JsonNode json(String... args) {
    String[] all = new String[args.length + 2];
    all[0] = "inspect";
    all[1] = "--json";
    System.arraycopy(args, 0, all, 2, args.length);
    return JsonMapper.shared().readTree(Run.of(all).ok().out());
  }

  @Test
  void tellsWhatAPublishedModelIs() throws IOException {
    Path model = SharedData.file("models/tiny-finch-6v0.safetensors");
    List<String> lines = Run.of("inspect", model.toString()).ok().out().lines().toList();
    assertEquals("architecture       RWKV-6.0 \"Finch\"", lines.getFirst());
    assertTrue(lines.contains("layers             12"), lines.toString());
    assertTrue(lines.contains("heads              16 of 8"), lines.toString());
    assertTrue(lines.contains("head_size_divisor  8.0"), lines.toString());
    // Two rows of 128 and 16 matrices of 8 by 8 in each of 12 layers, four bytes each.
    assertTrue(lines.contains("state              60.0 KiB a sequence"), lines.toString());
    assertEquals("file               " + model + ", 12.8 MiB", lines.getLast());
  }

  @Test
  void modelMayBeNamedWithAnOptionAsElsewhere() throws IOException {
    String model = SmallModel.ofWords(folder).toString();
    String positional = Run.of("inspect", model).ok().out();
    for (String[] named :
        List.of(
            new String[] {"inspect", "--model", model},
            new String[] {"inspect", "--model=" + model},
            new String[] {"inspect", "-m", model})) {
      assertEquals(positional, Run.of(named).ok().out());
    }
    Run both = Run.of("inspect", "--model", model, model);
    assertEquals(2, both.code());
    assertEquals(1, both.err().lines().count(), both.err());
  }

  @Test
  void jsonHasTheSameForPrograms() throws IOException {
    Path model = SmallModel.ofWords(folder);
    JsonNode json = json(model.toString());
    assertEquals("RWKV-6.0 \"Finch\"", json.get("architecture").asString());
    assertEquals(2, json.get("layers").asInt());
    assertEquals(128, json.get("width").asInt());
    assertEquals(8, json.get("heads").asInt());
    assertEquals(16, json.get("head_size").asInt());
    assertEquals(448, json.get("feed_forward").asInt());
    assertEquals(300, json.get("vocabulary").asInt());
    assertEquals(32, json.get("mix_rank").asInt());
    assertEquals(64, json.get("decay_rank").asInt());
    assertEquals(8, json.get("head_size_divisor").asDouble());
    assertEquals(2 * 128 * (2 + 16) * 4, json.get("state_bytes").asInt());
    assertEquals("8.0", json.get("metadata").get("head_size_divisor").asString());
    long parameters = json.get("parameters").asLong();
    assertEquals(2 * parameters, json.get("weights").get("F16").get("bytes").asLong());
    assertEquals(Files.size(model), json.get("files").get(0).get("bytes").asLong());
    assertTrue(json.get("tensors") == null);
  }

  @Test
  void tensorsAreListedWhenAskedFor() throws IOException {
    Path model = SmallModel.byteLevel(folder);
    JsonNode tensors = json("--tensors", model.toString()).get("tensors");
    assertEquals("emb.weight", tensors.get(0).get("name").asString());
    assertEquals("BF16", tensors.get(0).get("dtype").asString());
    assertEquals(256, tensors.get(0).get("shape").get(0).asInt());
    String out = Run.of("inspect", "--tensors", model.toString()).ok().out();
    assertTrue(out.contains("\nemb.weight BF16[256, 64]\n"), out);
    assertEquals(tensors.size(), out.lines().filter(line -> line.contains("BF16[")).count());
  }

  @Test
  void scalesCountAsTheWeightsTheyBelongTo() throws IOException {
    RandomModel random = SmallModel.first(r -> r.matrices() == WeightType.Q8_0);
    Path model = SmallModel.write(random.model(), folder.resolve("q8.safetensors"));
    JsonNode weights = json(model.toString()).get("weights");
    long bytes = 0;
    for (Tensor tensor : random.model().tensors().values()) {
      boolean scale = tensor.name().endsWith(".scale");
      bytes += tensor.dtype() == DType.I8 || scale ? tensor.data().byteSize() : 0;
    }
    assertEquals(bytes, weights.get("Q8_0").get("bytes").asLong());
    assertEquals(List.of("F32", "Q8_0"), List.copyOf(weights.propertyNames()));
  }

  @Test
  void aTunedInitialStateIsTold() throws IOException {
    Model model = RandomModels.ofBytes().model();
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    for (int layer = 0; layer < model.config().layers(); layer++) {
      String name = StateData.timeStateName(layer);
      long n = model.config().headSize();
      long[] shape = {model.config().heads(), n, n};
      var data = Arena.ofAuto().allocate(4 * shape[0] * n * n);
      tensors.put(name, new Tensor(name, DType.F32, shape, data));
    }
    Path path =
        SmallModel.write(new Model(model.config(), tensors), folder.resolve("tuned.safetensors"));
    assertTrue(json(path.toString()).get("tuned_initial_state").asBoolean());
    assertTrue(Run.of("inspect", path.toString()).ok().out().contains("a tuned initial state"));
  }

  @Test
  void theFilesOfAShardedModelAreAllCounted() throws IOException {
    Model model = RandomModels.ofBytes().model();
    Map<String, Tensor> first = new LinkedHashMap<>();
    Map<String, Tensor> second = new LinkedHashMap<>();
    StringBuilder index = new StringBuilder();
    model
        .tensors()
        .forEach((name, tensor) -> {
          boolean early = name.contains("blocks.0");
          (early ? first : second).put(name, tensor);
          index.append(index.isEmpty() ? "" : ",").append('"').append(name).append("\":\"");
          index.append(early ? "a" : "b").append(".safetensors\"");
        });
    SmallModel.write(new Model(model.config(), first), folder.resolve("a.safetensors"));
    SmallModel.write(new Model(model.config(), second), folder.resolve("b.safetensors"));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + index + "}}");
    JsonNode files = json(folder.toString()).get("files");
    assertEquals(2, files.size());
    assertEquals(folder.resolve("a.safetensors").toString(), files.get(0).get("path").asString());
    assertEquals(Files.size(folder.resolve("b.safetensors")), files.get(1).get("bytes").asLong());
  }
}
