package aviary.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Opens models as people have them: a safetensors file, a {@code .pth}, a sharded or Hugging Face
 * folder.
 */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * Opens a model. Files are mapped, not read.
   *
   * @param path a safetensors file, an index of shards ({@code *.index.json}), a {@code .pth} or
   *     {@code .bin} file, or a folder that holds one model; links are followed
   * @param arena how long the mapping lives
   * @return the model; its metadata has {@code head_size_divisor}, also where the file has not
   * @throws aviary.InputException if there is no model, it is of another architecture, or tensors
   *     are missing or of wrong shape
   * @throws aviary.safetensors.MalformedFileException if a file is damaged
   * @throws IOException if a file cannot be read
   */
  public static Model open(Path path, Arena arena) throws IOException {
    return of(Checkpoint.open(path, arena));
  }

  /**
   * The model in an open checkpoint.
   *
   * @return as {@link #open}
   * @throws aviary.InputException as {@link #open}
   * @throws IOException if {@code config.json} beside it cannot be read
   */
  public static Model of(Checkpoint checkpoint) throws IOException {
    String divisor = HeadSizeDivisor.find(checkpoint);
    Model model = new ModelReader(checkpoint).read(Float.parseFloat(divisor));
    Map<String, String> metadata = new LinkedHashMap<>(checkpoint.metadata());
    metadata.put(HeadSizeDivisor.KEY, divisor);
    return new Model(model.config(), model.program(), model.tensors(), Map.copyOf(metadata));
  }
}
