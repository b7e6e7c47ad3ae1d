package aviary.bench;

import java.util.List;

/**
 * All that a run measured.
 *
 * @param environment what the numbers depend on
 * @param limits what the devices would allow
 * @param measurements the numbers
 * @param failures what could not be measured
 * @param interrupted whether it has not come to its end
 */
public record Run(
    Environment environment,
    List<Limits> limits,
    List<Measurement> measurements,
    List<Failed> failures,
    boolean interrupted) {

  /**
   * Something that could not be measured.
   *
   * @param what the model or operation, and the device
   * @param message why
   */
  public record Failed(String what, String message) {}
}
