package aviary.safetensors;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An open safetensors file: its tensors are views of the mapped file, nothing is read before it is
 * used. The format: <a
 * href="https://github.com/huggingface/safetensors#format">huggingface/safetensors</a>.
 *
 * @param path the file
 * @param metadata the strings that the writer left beside the tensors; empty where it left none
 * @param tensors the tensors by name, in the order of their data in the file
 */
public record SafetensorsFile(
    Path path, Map<String, String> metadata, Map<String, Tensor> tensors) {

  /**
   * Opens a file. The whole header is checked against the file's length first, so that every tensor
   * can be read to its end.
   *
   * @param path a safetensors file of any length
   * @param arena how long the tensors live; it also decides which threads may read them
   * @throws MalformedFileException if the file is damaged, cut short, or no safetensors file
   * @throws IOException if the file is missing or cannot be read
   */
  public static SafetensorsFile open(Path path, Arena arena) throws IOException {
    MemorySegment file = MappedFile.map(path, arena);
    SafetensorsHeader header = SafetensorsHeader.read(path, file);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (SafetensorsHeader.Slot slot : header.slots()) {
      MemorySegment data =
          file.asSlice(header.dataStart() + slot.begin(), slot.end() - slot.begin());
      tensors.put(slot.name(), new Tensor(slot.name(), slot.dtype(), slot.shape(), data));
    }
    return new SafetensorsFile(
        path, Collections.unmodifiableMap(header.metadata()), Collections.unmodifiableMap(tensors));
  }
}
