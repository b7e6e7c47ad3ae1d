package aviary.model;

import aviary.FileKind;
import aviary.HubFolder;
import aviary.InputException;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.ShardedTensors;
import aviary.safetensors.Tensor;
import aviary.torch.PthFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  private static final String WANTED =
      "wanted a safetensors file, a file of torch.save (.pth), an index of shards "
          + "(*.index.json), or a folder with one of these";

  private enum Format {
    SAFETENSORS,
    TORCH,
    INDEX
  }

  /**
   * Opens a checkpoint. Files are mapped, not read. That of a training is opened as its model.
   *
   * @param path a safetensors file, a file of torch.save, an index of shards of either, a folder
   *     that holds one of these, or a folder of Hugging Face's hub ({@code models--ORG--NAME})
   * @param arena how long the tensors live
   * @throws InputException if there is nothing at the path, or nothing of these formats
   * @throws aviary.safetensors.MalformedFileException if a file is damaged
   * @throws IOException if a file cannot be read
   */
  public static Checkpoint open(Path path, Arena arena) throws IOException {
    requireExists(path);
    Path file = Files.isDirectory(path) ? ModelFolder.find(HubFolder.resolve(path)) : path;
    requireExists(file);
    Format format = format(file);
    if (format != Format.INDEX) {
      return TrainingCheckpoint.asModel(open(file, format, arena));
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
    if (!Files.isRegularFile(path)) {
      throw new InputException(path + ": is not a regular file, so it cannot be mapped");
    }
    FileKind kind = FileKind.of(path);
    return switch (kind.format()) {
      case SAFETENSORS -> Format.SAFETENSORS;
      case TORCH -> Format.TORCH;
      case JSON -> Format.INDEX;
      case BINARY, UNKNOWN -> byName(path).orElseThrow(() -> noModel(path, kind));
      case EMPTY, VOCABULARY, WEB_PAGE, TEXT, PARQUET, GZIP, PACKED, OTHER ->
          throw noModel(path, kind);
    };
  }

  private static InputException noModel(Path path, FileKind kind) {
    return new InputException(
        path.toString().endsWith(".prefab")
            ? path
                + ": is a prefab of ai00, whose weights are quantized for its own use: use the .st or"
                + " .pth that it was made from"
            : "%s: is %s, which is no model here: %s".formatted(path, kind.described(), WANTED));
  }

  /**
   * Whether a file's name says which format of tensors it is to be. Of such a file without that
   * format's mark the format's reader says what is wrong.
   */
  public static boolean isNamedAsTensors(Path path) {
    return byName(path).isPresent();
  }

  /** Programs of all kinds name their files .bin, but these two names are of torch.save. */
  private static Optional<Format> byName(Path path) {
    String name = path.getFileName().toString();
    if (name.endsWith(".safetensors") || name.endsWith(".st")) {
      return Optional.of(Format.SAFETENSORS);
    }
    if (name.matches("(?s).*\\.(pth|pt)|(pytorch|adapter)_model.*\\.bin")) {
      return Optional.of(Format.TORCH);
    }
    return name.endsWith(".json") ? Optional.of(Format.INDEX) : Optional.empty();
  }
}
