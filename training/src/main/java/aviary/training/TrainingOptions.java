package aviary.training;

import aviary.InputException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a model is trained. What is here, with the data and the model to begin with, decides the
 * weights that come out, to the bit.
 *
 * @param steps how many batches are learned from; {@link #UNLIMITED} if something else ends it
 * @param learningRate the greatest
 * @param schedule what becomes of it after the warm-up
 * @param warmUp over how many steps it grows from 0
 * @param weightDecay how much of itself, times the learning rate, a matrix loses each step
 * @param clip the greatest length of the gradient; 0 for no limit
 * @param chunks in which pieces sequences are walked
 * @param tuned what is trained
 * @param seed of the data's order
 * @param threads how many; 0 for one a core. It is part of the result, as sums over rows are shared
 *     out
 */
public record TrainingOptions(
    long steps,
    double learningRate,
    Schedule schedule,
    long warmUp,
    double weightDecay,
    double clip,
    Chunks chunks,
    Tuned tuned,
    long seed,
    int threads) {

  /** What becomes of the learning rate. */
  public enum Schedule {
    /** Half a cosine down to a hundredth. */
    COSINE,
    /** Nothing. */
    CONSTANT
  }

  /** What is trained. */
  public enum Tuned {
    /** All weights. */
    WEIGHTS,
    /** The state that sequences begin with, and nothing else: state tuning. */
    TIME_STATE
  }

  /**
   * In which pieces sequences are walked, one behind the other, the states going on from piece to
   * piece.
   *
   * @param tokens of a piece; 0 for whole sequences
   * @param exact whether gradients go back from piece to piece too, which makes them those of whole
   *     sequences, and takes one more walk forwards; otherwise they end where a piece begins
   */
  public record Chunks(int tokens, boolean exact) {

    /** No pieces. */
    public static final Chunks WHOLE = new Chunks(0, false);

    /** Checks the size. */
    public Chunks {
      require(tokens >= 0, "--chunk", tokens, "0 or more");
      if (exact && tokens == 0) {
        throw new InputException("--exact: it is of the chunks that --chunk names; name that too");
      }
    }

    @Override
    public String toString() {
      return exact ? tokens + " exact" : String.valueOf(tokens);
    }
  }

  /** The number of steps of a training that something else ends. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Names of {@link #texts}: of what decides how long a training can go on. */
  static final String STEPS = "steps";

  /** What it says of {@link #UNLIMITED} steps. */
  static final String NO_STEPS = "unlimited";

  static final String SCHEDULE = "schedule";

  private static final double LEAST_RATE = 0.01;

  /** Checks the numbers. */
  public TrainingOptions {
    require(steps >= 1, "--steps", steps, "1 or more");
    require(learningRate > 0 && learningRate < 1e3, "--lr", learningRate, "above 0 and below 1000");
    require(warmUp >= 0, "--warm-up", warmUp, "0 or more");
    require(
        weightDecay >= 0 && weightDecay < 1e3,
        "--weight-decay",
        weightDecay,
        "from 0 to below 1000");
    require(clip >= 0, "--clip", clip, "0 or more");
    require(threads >= 0 && threads <= 4096, "--threads", threads, "from 0 to 4096");
    if (steps == UNLIMITED && schedule == Schedule.COSINE) {
      throw new InputException(
          "--schedule cosine: the learning rate falls up to the last of --steps; name these too, or"
              + " --schedule constant");
    }
    threads = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private static void require(boolean holds, String option, Object number, String what) {
    if (!holds) {
      throw new InputException("%s %s: it has to be %s".formatted(option, number, what));
    }
  }

  /** The learning rate of a step, counted from 0. */
  public double rate(long step) {
    double rate = learningRate;
    if (step < warmUp) {
      return rate * (step + 1) / warmUp;
    }
    if (schedule == Schedule.COSINE) {
      double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
      double least = LEAST_RATE * rate;
      rate = least + (rate - least) * (1 + StrictMath.cos(Math.PI * Math.min(1, done))) / 2;
    }
    return rate;
  }

  /** What a user should know of these options, though they can be used. */
  public Optional<String> note() {
    return warmUp <= steps
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "a warm-up of %d steps is longer than the training, %d steps, so that the learning"
                    + " rate comes to %.2g only, of %.2g",
                warmUp,
                steps,
                rate(steps - 1),
                learningRate));
  }

  /** All of it as names and texts, for a checkpoint. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(STEPS, steps == UNLIMITED ? NO_STEPS : String.valueOf(steps));
    texts.put("lr", String.valueOf(learningRate));
    texts.put(SCHEDULE, schedule.name().toLowerCase(Locale.ROOT));
    texts.put("warm-up", String.valueOf(warmUp));
    texts.put("weight-decay", String.valueOf(weightDecay));
    texts.put("clip", String.valueOf(clip));
    texts.put("chunk", chunks.toString());
    texts.put("train", tuned.name().toLowerCase(Locale.ROOT));
    texts.put("seed", String.valueOf(seed));
    texts.put("threads", String.valueOf(threads));
    return texts;
  }
}
