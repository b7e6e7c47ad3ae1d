package aviary.evaluation.data;

import java.io.IOException;

/** Where the documents of a task come from. */
public interface Documents {

  /** Goes through them from the first on; the same each time. */
  DocumentReader open();

  /** Tells them from others, in a line, by all their bytes: a run does not go on with others. */
  String description() throws IOException;

  /** Where a person finds them. */
  String place();
}
