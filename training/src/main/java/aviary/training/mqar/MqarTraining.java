package aviary.training.mqar;

import aviary.InputException;
import aviary.mqar.MqarTask;
import aviary.training.Loss;
import aviary.training.Sequences;
import aviary.training.Trainer;
import java.util.stream.LongStream;

/**
 * What a model learns from, how long, and what it is measured with: examples of another seed.
 *
 * @param task what the examples are of
 * @param examples how many there are to learn from
 * @param count how many run side by side
 * @param epochs how often each is learned from
 * @param testExamples how many there are to measure with
 * @param seed of the examples, and of their order: 0 or more, so that those of seeds below 0 are
 *     never learned from, nor those that a model is asked if nothing is said
 */
public record MqarTraining(
    MqarTask task, int examples, int count, int epochs, int testExamples, long seed) {

  /** Checks the numbers. */
  public MqarTraining {
    if (epochs < 1 || testExamples < 1) {
      throw new InputException(
          "--epochs %d, --test-examples %d: both have to be 1 or more"
              .formatted(epochs, testExamples));
    }
    if (seed < 0) {
      throw new InputException("--seed %d: it has to be 0 or more".formatted(seed));
    }
    if (seed == MqarTask.EVAL_SEED) {
      throw new InputException(
          "--seed %d: those are the examples that mqar eval asks; take another".formatted(seed));
    }
  }

  /** The batches. */
  public MqarData data() {
    return new MqarData(task, examples, count, seed);
  }

  /** How many batches there are in all epochs. */
  public long steps() {
    return (long) epochs * data().batchesInEpoch();
  }

  /** The seed of the examples to measure with, which no training has, nor {@code mqar eval}. */
  long testSeed() {
    return -1 - seed;
  }

  /** A batch of what {@link #test} measures with, to look at more often. */
  public Sequences heldOut() {
    return testBatch(0);
  }

  private Sequences testBatch(int first) {
    long[] indices = LongStream.range(first, Math.min(testExamples, first + count)).toArray();
    return MqarData.sequences(task, testSeed(), indices);
  }

  /** The loss and the accuracy of a model in training. */
  public Loss test(Trainer trainer) {
    Loss loss = Loss.NONE;
    for (int first = 0; first < testExamples; first += count) {
      loss = loss.plus(trainer.loss(testBatch(first), 0));
    }
    return loss;
  }
}
