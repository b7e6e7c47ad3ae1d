package aviary.evaluation.run;

/** Is told how far a run is. */
public interface Progress {

  /** Of nobody's interest. */
  Progress NONE = (_, _, _) -> {};

  /**
   * Some documents have been answered.
   *
   * @param task whose
   * @param done how many of all tasks have been
   * @param total how many there are
   */
  void documents(String task, long done, long total);
}
