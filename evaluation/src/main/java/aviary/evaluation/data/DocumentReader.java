package aviary.evaluation.data;

import java.io.IOException;
import java.util.Map;

/** Reads documents one after the other. */
public interface DocumentReader extends AutoCloseable {

  /**
   * The next document, its columns in the file's order; null at the end.
   *
   * @throws aviary.InputException if the file is not what its name says: one line with the place
   * @throws IOException if it cannot be read
   */
  Map<String, Object> next() throws IOException;

  @Override
  void close() throws IOException;
}
