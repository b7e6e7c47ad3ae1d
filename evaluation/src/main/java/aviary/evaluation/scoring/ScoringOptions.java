package aviary.evaluation.scoring;

import aviary.InputException;

/**
 * How requests are run.
 *
 * @param batchSize how many texts run side by side
 * @param share whether common beginnings are run once; the scores are the same without
 * @param maxLength how many tokens the model is to see at most; 0 for any number
 */
public record ScoringOptions(int batchSize, boolean share, int maxLength) {

  /** More side by side are no faster anywhere. */
  private static final int LARGEST_BATCH = 65536;

  /** Many texts side by side, common beginnings once, and no limit. */
  public static final ScoringOptions DEFAULT = new ScoringOptions(32, true, 0);

  /**
   * Checks the numbers.
   *
   * @throws InputException as the command line names them
   */
  public ScoringOptions {
    if (batchSize < 1 || batchSize > LARGEST_BATCH) {
      throw new InputException(
          "--batch-size %d: it has to be from 1 to %d".formatted(batchSize, LARGEST_BATCH));
    }
    if (maxLength < 0) {
      throw new InputException(
          "--max-length %d: it has to be at least 1, or 0 for no limit".formatted(maxLength));
    }
  }
}
