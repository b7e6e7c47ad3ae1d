package aviary.safetensors;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tensors that are spread over several files, told by an index as large models on Hugging Face have
 * it: {@code model.safetensors.index.json} with a {@code weight_map} from tensors to files.
 *
 * @param index the index
 * @param shards the files that it lists, in the order of their names
 * @param metadata the strings that the shards hold beside the tensors; where shards disagree, the
 *     first one's
 * @param tensors the tensors that the index lists, shard after shard by the shards' names, in a
 *     shard by the shard's own order
 */
public record ShardedTensors(
    Path index, List<Path> shards, Map<String, String> metadata, Map<String, Tensor> tensors) {

  /** An index holds some 100 bytes a tensor. */
  private static final long LONGEST_INDEX = 100_000_000;

  /** What one shard holds. */
  public record Shard(Map<String, String> metadata, Map<String, Tensor> tensors) {}

  /** Opens a shard. */
  @FunctionalInterface
  public interface ShardReader {
    /**
     * @param path the shard
     * @param arena how long its tensors live
     * @throws IOException if it cannot be read, or is damaged
     */
    Shard open(Path path, Arena arena) throws IOException;
  }

  /**
   * Opens the safetensors files that an index lists.
   *
   * @param index the index; the shards lie beside it
   * @param arena how long the tensors live
   * @throws MalformedFileException if the index or a shard is damaged, a shard is missing, or lacks
   *     a tensor that the index expects there
   * @throws IOException if a file cannot be read
   */
  public static ShardedTensors open(Path index, Arena arena) throws IOException {
    return open(
        index,
        arena,
        (path, in) -> {
          SafetensorsFile file = SafetensorsFile.open(path, in);
          return new Shard(file.metadata(), file.tensors());
        });
  }

  /**
   * Opens the files of some format that an index lists.
   *
   * @param index the index; the shards lie beside it
   * @param arena how long the tensors live
   * @param reader opens a shard
   * @throws MalformedFileException as {@link #open(Path, Arena)}
   * @throws IOException if a file cannot be read
   */
  public static ShardedTensors open(Path index, Arena arena, ShardReader reader)
      throws IOException {
    List<Path> shards = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (var entry : tensorsByShard(index).entrySet()) {
      Path path = index.resolveSibling(entry.getKey());
      if (Files.notExists(path)) {
        throw new MalformedFileException(
            index, "lists the file " + entry.getKey() + ", which is not beside it: download it");
      }
      shards.add(path);
      Shard shard = reader.open(path, arena);
      shard.metadata().forEach(metadata::putIfAbsent);
      Set<String> missing = entry.getValue();
      shard
          .tensors()
          .forEach((name, tensor) -> {
            if (missing.remove(name)) {
              tensors.put(name, tensor);
            }
          });
      if (!missing.isEmpty()) {
        throw new MalformedFileException(
            index,
            "says that tensor %s is in %s, but it is not there: the files do not belong together"
                .formatted(missing.iterator().next(), entry.getKey()));
      }
    }
    return new ShardedTensors(
        index,
        List.copyOf(shards),
        Collections.unmodifiableMap(metadata),
        Collections.unmodifiableMap(tensors));
  }

  private static Map<String, Set<String>> tensorsByShard(Path index) throws IOException {
    byte[] text;
    try (Arena arena = Arena.ofConfined()) {
      var file = MappedFile.map(index, arena);
      if (file.byteSize() > LONGEST_INDEX) {
        throw new MalformedFileException(
            index, "is no index of shards: it has " + file.byteSize() + " bytes");
      }
      text = file.toArray(ValueLayout.JAVA_BYTE);
    }
    Map<String, Set<String>> shards = new TreeMap<>();
    try (StrictJson json = new StrictJson(index, "the index", text)) {
      json.document(key -> {
        if (!key.equals("weight_map")) {
          json.skip();
          return;
        }
        json.object(
            "weight_map",
            tensor -> {
              String shard = json.string("weight_map." + tensor);
              if (!isPlainName(shard)) {
                throw json.fail(
                    "puts tensor %s in %s, wanted the name of a file in the same folder"
                        .formatted(tensor, shard));
              }
              shards.computeIfAbsent(shard, s -> new LinkedHashSet<>()).add(tensor);
            });
      });
    }
    if (shards.isEmpty()) {
      throw new MalformedFileException(index, "has no weight_map that lists tensors");
    }
    return shards;
  }

  /** A name that stays in the folder on every system, so that an index cannot reach out of it. */
  private static boolean isPlainName(String name) {
    if (name.isEmpty()
        || name.startsWith("..")
        || name.equals(".")
        || name.matches(".*[/\\\\:].*")) {
      return false;
    }
    try {
      Path path = Path.of(name);
      return path.getNameCount() == 1 && !path.isAbsolute();
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
