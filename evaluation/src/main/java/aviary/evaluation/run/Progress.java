package aviary.evaluation.run;

/** Is told how far a run is. */
public interface Progress {

  /** Of nobody's interest. */
  Progress NONE = (_, _, _, _) -> {};

  /**
   * Some documents have been answered.
   *
   * @param task whose
   * @param done how many of all tasks have been
   * @param kept how many of these were kept from a run that was cut off
   * @param total how many there are
   */
  void documents(String task, long done, long kept, long total);
}
