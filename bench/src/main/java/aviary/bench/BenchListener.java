package aviary.bench;

/** Hears how a {@link Bench} goes. */
public interface BenchListener {

  /**
   * What comes next.
   *
   * @param done steps that are behind, of {@code all}
   */
  void next(String what, int done, int all);

  /**
   * An engine is about to be opened, or single operations to be measured on a device.
   *
   * @param what the model, its type and the device
   */
  void begun(String what);

  /** A number is there. */
  void measured(Measurement measurement);

  /** Something cannot be measured; the others will be. */
  void failed(String what, Throwable why);
}
