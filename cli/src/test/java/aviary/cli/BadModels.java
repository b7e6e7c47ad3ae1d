package aviary.cli;

import aviary.agreement.RandomModels;
import aviary.model.Model;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import aviary.torch.SavedTensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What people and attackers give as a model, and what they are to be told. */
enum BadModels {
  NO_FILE("there is no such file or folder") {
    @Override
    Path write(Path folder) {
      return folder.resolve("none");
    }
  },
  A_FOLDER_WITHOUT_A_MODEL("is a folder without a model: .*notes.txt") {
    @Override
    Path write(Path folder) throws IOException {
      Files.writeString(folder.resolve("notes.txt"), "no model here");
      return folder;
    }
  },
  A_TEXT("is a text, which is no model here: .*") {
    @Override
    Path write(Path folder) throws IOException {
      return Files.writeString(folder.resolve("notes.txt"), "no model here");
    }
  },
  CUT_SHORT("tensor head.weight ends at byte .* but the file has only .*") {
    @Override
    Path write(Path folder) throws IOException {
      Path path = SmallModel.byteLevel(folder);
      byte[] bytes = Files.readAllBytes(path);
      return Files.write(path, Arrays.copyOf(bytes, bytes.length - 1));
    }
  },
  A_HEADER_LONGER_THAN_THE_FILE("its header has 1048576 bytes, but the file ends after 8.*") {
    @Override
    Path write(Path folder) throws IOException {
      return raw(folder, 1 << 20, "{\"a\":{}}", 0);
    }
  },
  A_HEADER_THAT_IS_NOT_JSON("the header is not valid JSON at character 5: .*") {
    @Override
    Path write(Path folder) throws IOException {
      return raw(folder, "{\"a\":oops}", 0);
    }
  },
  OVERLAPPING_TENSORS("tensor b starts at byte 4 of the data, .* overlaps tensor a.*") {
    @Override
    Path write(Path folder) throws IOException {
      return raw(folder, "{" + tensor("a", 0, 8) + "," + tensor("b", 4, 12) + "}", 12);
    }
  },
  A_TENSOR_BEYOND_THE_END("tensor a ends at byte 8 of the data, but .* only 4.*") {
    @Override
    Path write(Path folder) throws IOException {
      return raw(folder, "{" + tensor("a", 0, 8) + "}", 4);
    }
  },
  A_MISSING_TENSOR("lacks 1 of the .* is blocks.1.att.key.weight") {
    @Override
    Path write(Path folder) throws IOException {
      return changed(folder, tensors -> tensors.remove("blocks.1.att.key.weight"));
    }
  },
  A_TENSOR_OF_WRONG_SHAPE(
      "tensor blocks.1.ffn.key.weight has shape \\[3, 5\\], wanted \\[224, 64\\]") {
    @Override
    Path write(Path folder) throws IOException {
      return changed(folder, tensors -> put(tensors, "blocks.1.ffn.key.weight", 3, 5));
    }
  },
  RWKV_4("is not an RWKV-5 or RWKV-6 model: it looks like RWKV-4.*") {
    @Override
    Path write(Path folder) throws IOException {
      return others(folder, "emb.weight", "blocks.0.att.time_first");
    }
  },
  RWKV_7("is not an RWKV-5 or RWKV-6 model: it looks like RWKV-7.*") {
    @Override
    Path write(Path folder) throws IOException {
      return others(folder, "emb.weight", "blocks.0.att.r_k");
    }
  },
  LLAMA("is not an RWKV-5 or RWKV-6 model: it looks like Llama.*") {
    @Override
    Path write(Path folder) throws IOException {
      return others(folder, "model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight");
    }
  },
  A_PICKLE_THAT_RUNS_A_COMMAND("its pickle asks for os.system, .* was not run.*") {
    @Override
    Path write(Path folder) throws IOException {
      String pickle = "cos\nsystem\n(S'touch " + folder.resolve("trace") + "'\ntR.";
      return Files.write(
          folder.resolve("model.pth"),
          zip("archive/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1)));
    }
  },
  A_ZIP_THAT_LIES_ABOUT_SIZES("the zip says that .* has 1073741824 bytes .* only .* are there") {
    @Override
    Path write(Path folder) throws IOException {
      Path path = folder.resolve("model.pth");
      SavedTensors.write(path, Map.of("emb.weight", zeros("emb.weight", 4, 4)));
      byte[] bytes = Files.readAllBytes(path);
      ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at + 4 < bytes.length; at++) {
        if (zip.getInt(at) == 0x02014B50) { // An entry of the central directory.
          zip.putInt(at + 20, 1 << 30).putInt(at + 24, 1 << 30);
        }
      }
      return Files.write(path, bytes);
    }
  },
  A_STATE("holds a state, not a model: give it to --state-in beside its model") {
    @Override
    Path write(Path folder) throws IOException {
      return others(folder, "state.att_shift", "state.ffn_shift", "state.wkv");
    }
  };

  private final String message;

  BadModels(String message) {
    this.message = message;
  }

  /** What is wrong, after the file's name: a regular expression. */
  String message() {
    return message;
  }

  /** Makes it, and nothing else, in an empty folder. */
  abstract Path write(Path folder) throws IOException;

  private static Path raw(Path folder, String header, int dataBytes) throws IOException {
    return raw(folder, header.length(), header, dataBytes);
  }

  private static Path raw(Path folder, long length, String header, int dataBytes)
      throws IOException {
    ByteBuffer file = ByteBuffer.allocate(8 + header.length() + dataBytes);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    file.put(header.getBytes(StandardCharsets.UTF_8));
    return Files.write(folder.resolve("model.safetensors"), file.array());
  }

  private static String tensor(String name, int begin, int end) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}"
        .formatted(name, begin, end);
  }

  private static Path changed(Path folder, Consumer<Map<String, Tensor>> change)
      throws IOException {
    Model model = RandomModels.ofBytes().model();
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    change.accept(tensors);
    return SmallModel.write(
        new Model(model.config(), tensors), folder.resolve("model.safetensors"));
  }

  private static Path others(Path folder, String... names) throws IOException {
    return changed(
        folder,
        tensors -> {
          tensors.clear();
          Arrays.stream(names).forEach(name -> put(tensors, name, 4, 4));
        });
  }

  private static void put(Map<String, Tensor> tensors, String name, long... shape) {
    tensors.put(name, zeros(name, shape));
  }

  private static Tensor zeros(String name, long... shape) {
    long bytes = 4 * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return new Tensor(name, DType.F32, shape, Arena.ofAuto().allocate(bytes));
  }

  private static byte[] zip(String name, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry(name);
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(content);
    }
    return bytes.toByteArray();
  }
}
