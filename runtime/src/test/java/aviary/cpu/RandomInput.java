package aviary.cpu;

import java.util.Random;

/** Random numbers for kernels. Its text, for messages, is the seed that gives them again. */
final class RandomInput {

  /** Widths around multiples of every vector length, 4, 8 and 16, and of four such vectors. */
  static final int[] WIDTHS = {
    1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 96, 100, 127, 128, 129, 192, 256
  };

  private final long seed;
  private final Random random;

  RandomInput(long seed) {
    this.seed = seed;
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  /** Normally distributed numbers. */
  float[] floats(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** Evenly distributed numbers. */
  float[] floats(int count, double low, double high) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextDouble(low, high);
    }
    return numbers;
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
