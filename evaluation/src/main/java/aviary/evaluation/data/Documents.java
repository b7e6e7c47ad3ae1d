package aviary.evaluation.data;

/** Where the documents of a task come from. */
public interface Documents {

  /** Goes through them from the first on; the same each time. */
  DocumentReader open();

  /** Tells them from others, in a line: a run does not go on with others. */
  String description();

  /** Where a person finds them. */
  String place();
}
