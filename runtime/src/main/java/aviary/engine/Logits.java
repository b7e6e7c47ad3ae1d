package aviary.engine;

/**
 * The logits that a batch asked for: one row for each wanted position, sequence after sequence,
 * positions ascending. They may still lie on the device: a row is fetched when it is asked for, and
 * {@link #argmax} fetches one number only.
 *
 * <p>Valid until the engine runs the next batch or is closed, since an engine uses its arrays
 * again: after that {@code row} and {@code argmax} throw an {@link IllegalStateException}. An array
 * that {@code row} returned stays as it is. Their calls are calls of the engine: one thread at a
 * time.
 */
public interface Logits {

  /** No rows. */
  Logits NONE = new LogitsCopy();

  /** The number of rows. */
  int rows();

  /** The row's logits, one for each id of the vocabulary; the caller may change the array. */
  float[] row(int row);

  /** The id with the row's largest logit, the smallest such id on a tie. */
  int argmax(int row);
}
