package aviary.model;

import aviary.InputException;
import aviary.safetensors.MappedFile;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.ShardedTensors;
import aviary.safetensors.Tensor;
import aviary.torch.PthFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a checkpoint as they are in its files, whatever format these have. Files are told
 * apart by their content, since names say little: Hugging Face keeps files of torch.save as {@code
 * .bin}.
 *
 * @param path the file; of several files the index, of a folder the file found in it
 * @param files the files that hold the tensors: the one, or the shards that the index lists
 * @param metadata the strings beside the tensors
 * @param tensors the tensors by their names in the files, in the files' order
 * @param unusable the tensors that cannot be used, such as sparse ones: what they are, by name
 */
public record Checkpoint(
    Path path,
    List<Path> files,
    Map<String, String> metadata,
    Map<String, Tensor> tensors,
    Map<String, String> unusable) {

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** No header of a safetensors file is longer. */
  private static final int LONGEST_HEADER = 100_000_000;

  /** Long enough for the mark of a tar, which is at byte 257. */
  private static final int START = 512;

  private static final String WANTED =
      "wanted a safetensors file, a file of torch.save (.pth), an index of shards "
          + "(*.index.json), or a folder with one of these";

  private enum Format {
    SAFETENSORS,
    TORCH,
    INDEX
  }

  /**
   * Opens a checkpoint. Files are mapped, not read.
   *
   * @param path a safetensors file, a file of torch.save, an index of shards of either, or a folder
   *     that holds one of these
   * @param arena how long the tensors live
   * @throws InputException if there is nothing at the path, or nothing of these formats
   * @throws aviary.safetensors.MalformedFileException if a file is damaged
   * @throws IOException if a file cannot be read
   */
  public static Checkpoint open(Path path, Arena arena) throws IOException {
    requireExists(path);
    Path file = Files.isDirectory(path) ? ModelFolder.find(path) : path;
    requireExists(file);
    Format format = format(file);
    if (format != Format.INDEX) {
      return open(file, format, arena);
    }
    Map<String, String> unusable = new LinkedHashMap<>();
    ShardedTensors sharded =
        ShardedTensors.open(
            file,
            arena,
            (shard, in) -> {
              Checkpoint part = open(shard, format(shard), in);
              unusable.putAll(part.unusable());
              return new ShardedTensors.Shard(part.metadata(), part.tensors());
            });
    return new Checkpoint(file, sharded.shards(), sharded.metadata(), sharded.tensors(), unusable);
  }

  private static void requireExists(Path path) {
    if (Files.notExists(path)) {
      throw new InputException(
          Files.isSymbolicLink(path)
              ? path + ": is a link to what is not there; download it again"
              : path + ": there is no such file or folder");
    }
  }

  private static Checkpoint open(Path file, Format format, Arena arena) throws IOException {
    List<Path> files = List.of(file);
    return switch (format) {
      case SAFETENSORS -> {
        SafetensorsFile opened = SafetensorsFile.open(file, arena);
        yield new Checkpoint(file, files, opened.metadata(), opened.tensors(), Map.of());
      }
      case TORCH -> {
        PthFile opened = PthFile.open(file, arena);
        yield new Checkpoint(file, files, opened.metadata(), opened.tensors(), opened.unusable());
      }
      case INDEX -> throw new InputException(file + ": is JSON where a file of tensors belongs");
    };
  }

  private static Format format(Path path) throws IOException {
    byte[] bytes;
    long first;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = MappedFile.map(path, arena);
      first = file.byteSize() < Long.BYTES ? -1 : file.get(LONG, 0);
      bytes = file.asSlice(0, Math.min(file.byteSize(), START)).toArray(ValueLayout.JAVA_BYTE);
    }
    String start = new String(bytes, StandardCharsets.ISO_8859_1);
    if (first > 0 && first <= LONGEST_HEADER && start.startsWith("{", Long.BYTES)) {
      return Format.SAFETENSORS;
    }
    // The last two are PyTorch's older formats, of which PthFile says what to do.
    if (start.startsWith("PK") || start.startsWith("\u0080") || start.startsWith("ustar", 257)) {
      return Format.TORCH;
    }
    if (start.stripLeading().startsWith("{")) {
      return Format.INDEX;
    }
    refuseByName(path, start);
    return byExtension(path);
  }

  private static void refuseByName(Path path, String start) {
    if (start.startsWith("version https://git-lfs")) {
      throw new InputException(
          path + ": is a pointer of Git LFS and not the file itself: get it with git lfs pull");
    }
    if (start.startsWith("GGUF") || start.startsWith("fmgg")) {
      throw new InputException(
          path + ": is in llama.cpp's or rwkv.cpp's format, which is not supported: " + WANTED);
    }
  }

  /** Of a file that is no format's, what it was to be: its reader says what is wrong with it. */
  private static Format byExtension(Path path) {
    String name = path.getFileName().toString();
    if (name.endsWith(".safetensors")) {
      return Format.SAFETENSORS;
    }
    if (name.endsWith(".pth") || name.endsWith(".pt") || name.endsWith(".bin")) {
      return Format.TORCH;
    }
    if (name.endsWith(".json")) {
      return Format.INDEX;
    }
    throw new InputException(path + ": is not a model file: " + WANTED);
  }
}
