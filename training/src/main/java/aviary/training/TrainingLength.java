package aviary.training;

import aviary.InputException;
import aviary.training.TrainingOptions.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What decides how far a training goes, as its checkpoint records it.
 *
 * @param steps as last asked for; {@link TrainingOptions#UNLIMITED} if something else ended it
 * @param schedule as the training was started with
 */
public record TrainingLength(long steps, Schedule schedule) {

  /**
   * Reads it from the folder of a training.
   *
   * @return empty if there is no checkpoint, or its record is incomplete; then {@link Trainer} says
   *     what is wrong with it
   * @throws InputException if the checkpoint is damaged, or that of something else
   * @throws IOException if it cannot be read
   */
  public static Optional<TrainingLength> recorded(Path folder) throws IOException {
    return Checkpoints.in(folder).length();
  }

  /** What two texts of {@link TrainingOptions#texts} say; empty if it is nothing we write. */
  static Optional<TrainingLength> of(String steps, String schedule) {
    try {
      return Optional.of(
          new TrainingLength(
              TrainingOptions.NO_STEPS.equals(steps)
                  ? TrainingOptions.UNLIMITED
                  : Long.parseLong(steps),
              Schedule.valueOf(String.valueOf(schedule).toUpperCase(Locale.ROOT))));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Also of a text that is no number, or missing.
    }
  }

  /**
   * Refuses a schedule that the training does not have.
   *
   * @param folder of the training
   * @param wanted null for the training's own
   */
  public void requireSchedule(Path folder, Schedule wanted) {
    if (wanted != null && wanted != schedule) {
      throw new InputException(
          "%s: was started with %s, so --schedule %s cannot resume it; leave --schedule out, or name another --output"
              .formatted(
                  folder,
                  schedule == Schedule.COSINE ? described() : "--schedule " + name(schedule),
                  name(wanted)));
    }
  }

  private static String name(Schedule schedule) {
    return schedule.name().toLowerCase(Locale.ROOT);
  }

  /** The options that say the same. */
  public String described() {
    return "--schedule %s%s"
        .formatted(
            name(schedule), steps == TrainingOptions.UNLIMITED ? "" : " and --steps " + steps);
  }
}
