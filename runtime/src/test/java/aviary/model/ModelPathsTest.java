package aviary.model;

import aviary.safetensors.Tensor;
import aviary.torch.SavedTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a path may be: files of any name, indexes, folders, links. */
class ModelPathsTest {
  @TempDir Path temporary;
  private Path folder;
  private final Weights weights = Weights.eagle();

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("folder"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.pth", "a.bin", "a.safetensors", "a.json", "a"})
  void aFileIsWhatItsContentSays(String name) throws IOException {
    weights.assertIn(weights.write(folder.resolve(name)));
    Files.writeString(folder.resolve("config.json"), "{\"head_size_divisor\": 8}");
    weights.assertIn(SavedTensors.write(folder.resolve(name), weights.tensors()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "pytorch_model.bin",
        "RWKV-5.pth",
        "mine.safetensors",
        "ai00.st"
      })
  void aFolderHoldsAModel(String name) throws IOException {
    Files.writeString(folder.resolve("README.md"), "A model");
    weights.write(folder.resolve(name));
    weights.assertIn(folder);
  }

  @Test
  void huggingFacesNamesGoBeforeOthersAndSafetensorsBeforeTorch() throws IOException {
    Files.writeString(folder.resolve("other.safetensors"), "not looked at");
    Files.writeString(folder.resolve("pytorch_model.bin"), "not looked at");
    weights.write(folder.resolve("model.safetensors"));
    weights.assertIn(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "model.safetensors.index.json, false",
    "pytorch_model.bin.index.json, true",
    "mine.index.json, false"
  })
  void shardsAreOneModel(String name, boolean torch) throws IOException {
    Path index = writeShards(name, torch);
    weights.assertIn(index);
    weights.assertIn(folder);
  }

  @Test
  void linksAreFollowedAsInTheCacheOfHuggingFace() throws IOException {
    Path blobs = Files.createDirectory(temporary.resolve("blobs"));
    Path snapshot = Files.createDirectory(temporary.resolve("snapshot"));
    writeShards("model.safetensors.index.json", false);
    int number = 0;
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Path blob = Files.move(file, blobs.resolve("blob" + number++));
        Path link = snapshot.resolve(file.getFileName());
        Files.createSymbolicLink(link, snapshot.relativize(blob));
      }
    }
    weights.assertIn(snapshot);
    Path linked = Files.createSymbolicLink(temporary.resolve("linked"), snapshot);
    weights.assertIn(linked);
  }

  private Path writeShards(String index, boolean torch) throws IOException {
    List<String> names = new ArrayList<>(weights.tensors().keySet());
    StringBuilder map = new StringBuilder();
    Map<String, String> metadata =
        Map.of("head_size_divisor", Float.toString(weights.config().headSizeDivisor()));
    for (int shard = 0; shard < 3; shard++) {
      Map<String, Tensor> part = new LinkedHashMap<>();
      String file = "shard-" + shard + (torch ? ".bin" : ".safetensors");
      for (int i = shard; i < names.size(); i += 3) {
        part.put(names.get(i), weights.tensors().get(names.get(i)));
        map.append(map.isEmpty() ? "" : ",").append("\"%s\":\"%s\"".formatted(names.get(i), file));
      }
      if (torch) {
        SavedTensors.write(folder.resolve(file), part);
      } else {
        new Weights(weights.config(), part).write(folder.resolve(file), metadata);
      }
    }
    return Files.writeString(
        folder.resolve(index), "{\"metadata\":{\"size\":1},\"weight_map\":{" + map + "}}");
  }

  @Test
  void aFolderWithoutAModelSaysWhatItHas() throws IOException {
    Refusals.assertRefused(
        folder, "is a folder without a model: wanted model.safetensors, .* nothing");
    for (int i = 0; i < 7; i++) {
      Files.writeString(folder.resolve("note" + i + ".txt"), "");
    }
    Refusals.assertRefused(
        folder, "is a folder without a model: .*; it has note0.txt, .*, note4.txt and 2 more");
  }

  @Test
  void aFolderOfSeveralModelsNamesThem() throws IOException {
    weights.write(folder.resolve("b.safetensors"));
    weights.write(folder.resolve("a.pth"));
    Refusals.assertRefused(folder, "is a folder with 2 models: name one of a.pth, b.safetensors");
  }

  @Test
  void whatIsNotThereIsToldSo() throws IOException {
    Refusals.assertRefused(folder.resolve("none"), "there is no such file or folder");
    Path link =
        Files.createSymbolicLink(folder.resolve("model.safetensors"), folder.resolve("none"));
    Refusals.assertRefused(link, "is a link to what is not there; download it again");
    Refusals.assertRefused(folder, link, "is a link to what is not there; download it again");
  }

  @Test
  void otherFilesAreToldByName() throws IOException {
    Path file = folder.resolve("model.gguf");
    Files.writeString(file, "GGUF\u0003\0\0\0 and so on");
    String wanted = ", which is no model here: wanted a safetensors file.*";
    Refusals.assertRefused(file, "is a GGUF model of llama.cpp" + wanted);
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
    Refusals.assertRefused(
        file, "is a pointer of Git LFS \\(git lfs pull gets the file\\)" + wanted);
    Files.writeString(file, "Once upon a time");
    Refusals.assertRefused(file, "is a text" + wanted);
    Files.writeString(file, "Once upon a time", StandardCharsets.UTF_16);
    Refusals.assertRefused(file, "is a UTF-16 text" + wanted);
    Files.writeString(file, "1 'a' 1\n2 'b' 1\n");
    Refusals.assertRefused(file, "is a vocabulary" + wanted);
    Files.write(file, new byte[0]);
    Refusals.assertRefused(file, "is an empty file" + wanted);
    Files.write(file, new byte[] {1, 2, 3});
    Refusals.assertRefused(file, "is a file of no known kind" + wanted);
    Path prefab = Files.write(folder.resolve("model.prefab"), new byte[] {1, 2, 3});
    Refusals.assertRefused(prefab, "is a prefab of ai00, .*: use the .st or .pth .*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a.bin", "a.dat", "pth"})
  void bytesOfNoKindAreOfTorchOnlyIfTheirNameSaysSo(String name) throws IOException {
    byte[] random = new byte[5000];
    new Random(7).nextBytes(random);
    Path file = Files.write(folder.resolve(name), random);
    Refusals.assertRefused(
        file,
        "is a binary file of no known kind, which is no model here: wanted a safetensors file.*");
    for (String told : List.of("a.pth", "a.pt", "pytorch_model-00001-of-00002.bin")) {
      Refusals.assertRefused(
          Files.write(folder.resolve(told), random), "is not a file that torch.save wrote: .*");
    }
    for (String told : List.of("a.st", "a.safetensors")) {
      Refusals.assertRefused(
          Files.write(folder.resolve(told), random), "is not a safetensors file: .*");
    }
  }

  @Test
  void aFolderOfAnAdapterIsNamed() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"r\": 8, \"target_modules\": [\"key\"], \"peft_type\": \"LORA\","
            + " \"base_model_name_or_path\": \"RWKV/v6-Finch-1B6-HF\"}");
    weights.write(folder.resolve("adapter_model.safetensors"));
    Refusals.assertRefused(
        folder,
        "holds an adapter \\(PEFT's LORA for RWKV/v6-Finch-1B6-HF, by its adapter_config.json\\), .*:"
            + " merge it into its model first, .*");
    Files.writeString(folder.resolve("adapter_config.json"), "no JSON");
    Refusals.assertRefused(
        folder, "holds an adapter \\(of PEFT, by its adapter_config.json\\), .*");
    weights.write(folder.resolve("model.safetensors"));
    weights.assertIn(folder);
  }
}
