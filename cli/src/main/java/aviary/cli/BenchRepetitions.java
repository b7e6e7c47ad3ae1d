package aviary.cli;

import aviary.InputException;
import picocli.CommandLine.Option;

/** How often {@code aviary bench} measures, what runs before, and what beside. */
final class BenchRepetitions {
  /** Seconds. */
  private static final double WARM_UP = 2;

  @Option(
      names = {"-r", "--repetitions"},
      defaultValue = "5",
      paramLabel = "N",
      description = "How often each is measured (default: ${DEFAULT-VALUE}).")
  private int repetitions;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description =
          "What runs before a measurement and is not counted, so that the compilers are done; once"
              + " at least (default: 2).")
  private Double warmUp;

  @Option(names = "--no-warmup", description = "As in llama-bench: the same as --warm-up 0.")
  private boolean coldStart;

  @Option(
      names = "--beside",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Measure each speed again beside another process that keeps N threads busy, as a fraction"
              + " of the speed without it.")
  private int beside;

  /** llama-bench's; progress is always shown. */
  @Option(names = "--progress", hidden = true)
  private boolean progress;

  int count() {
    return repetitions;
  }

  /** The threads of the busy process; 0 for none. */
  int beside() {
    return beside;
  }

  /** Seconds. */
  double warmUp() {
    if (coldStart && warmUp != null && warmUp != 0) {
      throw new InputException(
          "--no-warmup: it is the same as --warm-up 0, and --warm-up %s is given too; leave one out"
              .formatted(warmUp));
    }
    if (coldStart) {
      return 0;
    }
    return warmUp == null ? WARM_UP : warmUp;
  }
}
