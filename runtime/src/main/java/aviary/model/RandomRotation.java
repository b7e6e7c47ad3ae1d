package aviary.model;

/**
 * A random orthogonal matrix that is applied to a row in n log n steps: random signs, then a
 * Hadamard transform, which is log2 n layers of rotations by 45 degrees of pairs of coordinates,
 * then a random order. Where n is no power of two, the greatest power below n is transformed at the
 * row's start and again at its end. Two or three of these make numbers that look normal (Yu et al.
 * 2016, "Orthogonal random features").
 */
final class RandomRotation {

  /** The size of the transform. */
  private final int size;

  private final float scale;
  private final float[] signs;

  /** From which coordinate each comes. */
  private final int[] order;

  private final float[] row;

  /**
   * @param width n
   * @param random where signs and order come from
   */
  RandomRotation(int width, RandomNumbers random) {
    size = Integer.highestOneBit(width);
    scale = (float) (1 / Math.sqrt(size));
    signs = new float[width];
    for (int i = 0; i < width; i++) {
      signs[i] = random.sign(i);
    }
    order = random.branch(1).permutation(width);
    row = new float[width];
  }

  /**
   * Rotates a row [n] in place.
   *
   * @param x the row; what follows its first n numbers is left alone
   */
  void apply(float[] x) {
    int width = signs.length;
    for (int i = 0; i < width; i++) {
      row[i] = x[i] * signs[i];
    }
    transform(row, 0);
    if (size < width) {
      transform(row, width - size);
    }
    for (int i = 0; i < width; i++) {
      x[i] = row[order[i]];
    }
  }

  private void transform(float[] x, int from) {
    int to = from + size;
    int step = 1;
    if (size >= 8) {
      for (int i = from; i < to; i += 8) {
        transformEight(x, i);
      }
      step = 8;
    }
    for (; step < size; step *= 2) {
      for (int i = from; i < to; i += 2 * step) {
        rotatePairs(x, i, step);
      }
    }
    for (int i = from; i < to; i++) {
      x[i] *= scale;
    }
  }

  /** Rotates each of the next {@code step} coordinates with the one {@code step} further on. */
  private static void rotatePairs(float[] x, int from, int step) {
    for (int i = from; i < from + step; i++) {
      float a = x[i];
      float b = x[i + step];
      x[i] = a + b;
      x[i + step] = a - b;
    }
  }

  /** The layers of steps 1, 2 and 4, which are too short for loops that are fast. */
  private static void transformEight(float[] x, int from) {
    float a0 = x[from] + x[from + 1];
    float a1 = x[from] - x[from + 1];
    float a2 = x[from + 2] + x[from + 3];
    float a3 = x[from + 2] - x[from + 3];
    float a4 = x[from + 4] + x[from + 5];
    float a5 = x[from + 4] - x[from + 5];
    float a6 = x[from + 6] + x[from + 7];
    float a7 = x[from + 6] - x[from + 7];
    float b0 = a0 + a2;
    float b1 = a1 + a3;
    float b2 = a0 - a2;
    float b3 = a1 - a3;
    float b4 = a4 + a6;
    float b5 = a5 + a7;
    float b6 = a4 - a6;
    float b7 = a5 - a7;
    x[from] = b0 + b4;
    x[from + 1] = b1 + b5;
    x[from + 2] = b2 + b6;
    x[from + 3] = b3 + b7;
    x[from + 4] = b0 - b4;
    x[from + 5] = b1 - b5;
    x[from + 6] = b2 - b6;
    x[from + 7] = b3 - b7;
  }
}
