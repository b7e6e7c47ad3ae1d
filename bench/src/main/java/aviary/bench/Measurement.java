package aviary.bench;

import java.util.List;
import java.util.Map;

/**
 * One measured number.
 *
 * @param setting what was measured
 * @param test how
 * @param unit {@code t/s}, {@code GB/s}, {@code GFLOP/s}, {@code s} or {@code MiB}
 * @param samples what each repetition gave, in that unit
 * @param limit what the device would allow, 0 where no limit is known; beside a busy process the
 *     mean without it
 * @param bound what the limit is one of: {@code memory}, {@code multiplications}, or {@code quiet}
 *     for that mean
 * @param details named numbers beside it, such as those of a device's profiler and the machine's
 *     load
 */
public record Measurement(
    Setting setting,
    Test test,
    String unit,
    List<Double> samples,
    double limit,
    String bound,
    Map<String, Double> details) {

  /** The unit of speeds of models: tokens a second. */
  static final String TOKENS = "t/s";

  /** The units of speeds of single operations. */
  static final String BYTES = "GB/s";

  /** The bound of a limit that is what was measured without a busy process. */
  private static final String QUIET = "quiet";

  /** The part of the mean that the standard deviation may have. */
  private static final double MOST_SPREAD = 0.1;

  /** Billions of floating-point operations a second. */
  static final String FLOPS = "GFLOP/s";

  /**
   * What was measured.
   *
   * @param model the model's file, or shape, or a single operation
   * @param type the architecture
   * @param dtype the type of most weights
   * @param modelBytes what the weights take in memory
   * @param parameters how many there are
   * @param device what ran it
   * @param threads threads of the host's cores; 0 where the device uses none
   */
  public record Setting(
      String model,
      String type,
      String dtype,
      long modelBytes,
      long parameters,
      String device,
      int threads) {

    /** The device, and its threads where it has some of the host's. */
    String place() {
      return threads == 0
          ? device
          : "%s, %d thread%s".formatted(device, threads, threads == 1 ? "" : "s");
    }
  }

  /**
   * How it was measured.
   *
   * @param name as tables have it: {@code pp512}, {@code tg128x16@d4096}, {@code load}
   * @param prompt tokens of a prompt
   * @param generated tokens generated a sequence
   * @param sequences side by side
   * @param depth tokens that each sequence had seen before
   * @param beside threads of another process that never rested meanwhile
   */
  public record Test(String name, int prompt, int generated, int sequences, int depth, int beside) {

    /** What is measured without a prompt or a text. */
    static Test named(String name) {
      return new Test(name, 0, 0, 1, 0, 0);
    }

    static Test prefill(int prompt, int depth) {
      return new Test("pp" + prompt + after(depth), prompt, 0, 1, depth, 0);
    }

    static Test decode(int generated, int sequences, int depth) {
      String side = sequences > 1 ? "x" + sequences : "";
      return new Test("tg" + generated + side + after(depth), 0, generated, sequences, depth, 0);
    }

    private static String after(int depth) {
      return depth > 0 ? "@d" + depth : "";
    }

    /** A prompt and then tokens of the same sequence. */
    static Test mixed(Plan.Mix mix, int depth) {
      return new Test(mix.name() + after(depth), mix.prompt(), mix.generated(), 1, depth, 0);
    }

    /** The same test while another process uses the cores too. */
    Test beside(int threads) {
      return new Test(
          "%s beside %d".formatted(name, threads), prompt, generated, sequences, depth, threads);
    }

    boolean isPrefill() {
      return prompt > 0 && generated == 0;
    }

    boolean isDecode() {
      return generated > 0 && prompt == 0;
    }

    /** How many tokens a repetition runs, all sequences together. */
    long tokens() {
      return prompt + (long) generated * sequences;
    }
  }

  /**
   * The same test beside a busy process, with this mean as its limit.
   *
   * @param threads those of that process
   * @param busy what was measured beside it
   */
  Measurement beside(int threads, Measurement busy) {
    return new Measurement(
        setting, test.beside(threads), unit, busy.samples(), mean(), QUIET, busy.details());
  }

  /** The mean of the samples. */
  public double mean() {
    return samples.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** The samples' standard deviation; 0 of one. */
  public double deviation() {
    return deviation(samples);
  }

  static double deviation(List<Double> samples) {
    if (samples.size() < 2) {
      return 0;
    }
    double mean = samples.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    double squares = samples.stream().mapToDouble(s -> (s - mean) * (s - mean)).sum();
    return Math.sqrt(squares / (samples.size() - 1));
  }

  /** The sample in the middle, or the mean of the two there. */
  public double median() {
    return median(samples);
  }

  static double median(List<Double> samples) {
    if (samples.isEmpty()) {
      return 0;
    }
    List<Double> sorted = samples.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** Whether the samples spread so far that their mean says little: by more than a tenth of it. */
  public boolean isUneven() {
    return deviation() > MOST_SPREAD * mean();
  }

  /** The mean as a part of the limit; 0 where there is none. */
  public double share() {
    return limit > 0 ? mean() / limit : 0;
  }
}
