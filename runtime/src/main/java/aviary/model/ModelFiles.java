package aviary.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Opens models as people have them: a safetensors file, a {@code .pth}, a sharded or Hugging Face folder. */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * Opens a model. Files are mapped, not read.
   *
   * @param path a safetensors file, an index of shards ({@code *.index.json}), a {@code .pth} or {@code .bin} file, or
   *     a folder that holds one model
   * @param arena how long the mapping lives
   * @throws aviary.InputException if there is no model, it is of another architecture, or tensors are missing or of
   *     wrong shape
   * @throws aviary.safetensors.MalformedFileException if a file is damaged
   * @throws IOException if a file cannot be read
   */
  public static Model open(Path path, Arena arena) throws IOException {
    throw new UnsupportedOperationException();
  }
}
