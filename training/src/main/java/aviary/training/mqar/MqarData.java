package aviary.training.mqar;

import aviary.InputException;
import aviary.model.RandomNumbers;
import aviary.mqar.MqarTask;
import aviary.mqar.MqarTask.Example;
import aviary.training.Sequences;
import aviary.training.TrainingData;

/**
 * A fixed number of examples, of which each epoch shows all once, in an order of its own.
 *
 * @param task what they are of
 * @param examples how many there are
 * @param count how many a batch has; what is left over at an epoch's end is left out
 * @param seed of the examples, and of their order
 */
public record MqarData(MqarTask task, int examples, int count, long seed) implements TrainingData {

  /** Checks the sizes. */
  public MqarData {
    if (count < 1) {
      throw new InputException("--batch-size %d: it has to be 1 or more".formatted(count));
    }
    Sequences.requireRoom(count, task.length());
    if (examples < count) {
      throw new InputException(
          "--examples %d: too few for one batch of --batch-size %d".formatted(examples, count));
    }
  }

  /** How many batches show all examples. */
  public int batchesInEpoch() {
    return examples / count;
  }

  @Override
  public Sequences batch(long step) {
    int[] order =
        RandomNumbers.of(seed, "order").branch(step / batchesInEpoch()).permutation(examples);
    int from = (int) (step % batchesInEpoch()) * count;
    long[] indices = new long[count];
    for (int i = 0; i < count; i++) {
      indices[i] = order[from + i];
    }
    return sequences(task, seed, indices);
  }

  /** Some examples side by side: those with the given numbers. */
  static Sequences sequences(MqarTask task, long seed, long[] indices) {
    int length = task.length();
    int[] tokens = new int[indices.length * length];
    int[] labels = new int[tokens.length];
    for (int i = 0; i < indices.length; i++) {
      Example example = task.example(seed, indices[i]);
      System.arraycopy(example.tokens(), 0, tokens, i * length, length);
      System.arraycopy(example.labels(), 0, labels, i * length, length);
    }
    return new Sequences(indices.length, length, tokens, labels);
  }

  @Override
  public String identity() {
    return "%s, %d examples, batches of %d, seed %d".formatted(task, examples, count, seed);
  }
}
