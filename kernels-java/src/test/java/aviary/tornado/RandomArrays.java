package aviary.tornado;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Arrays of random numbers for kernels. Its text, for messages, is the seed that gives them again.
 */
final class RandomArrays {
  private final long seed;
  private final Random random;

  RandomArrays(long seed) {
    this.seed = seed;
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  /** Normally distributed numbers. */
  FloatArray floats(int count) {
    FloatArray array = new FloatArray(count);
    fill(array);
    return array;
  }

  /** Normally distributed numbers of that size. */
  FloatArray floats(int count, double size) {
    FloatArray array = new FloatArray(count);
    for (int i = 0; i < count; i++) {
      array.set(i, (float) (size * random.nextGaussian()));
    }
    return array;
  }

  /** Writes other normally distributed numbers. */
  void fill(FloatArray array) {
    for (int i = 0; i < array.getSize(); i++) {
      array.set(i, (float) random.nextGaussian());
    }
  }

  /** Normally distributed numbers of that size, as 16-bit floats. */
  HalfFloatArray halves(int count, double size) {
    HalfFloatArray array = new HalfFloatArray(count);
    for (int i = 0; i < count; i++) {
      short bits = Float.floatToFloat16((float) (size * random.nextGaussian()));
      array.getSegment().setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
    }
    return array;
  }

  /** All bytes of Q8_0, evenly distributed. */
  Int8Array bytes(int count) {
    Int8Array array = new Int8Array(count);
    for (int i = 0; i < count; i++) {
      array.set(i, (byte) random.nextInt(-127, 128));
    }
    return array;
  }

  /** An array of one int. */
  static IntArray one(int number) {
    return IntArray.fromElements(number);
  }

  /** The array's numbers. */
  static float[] copy(FloatArray array) {
    return copy(array, 0, array.getSize());
  }

  /** Some of the array's numbers. */
  static float[] copy(FloatArray array, int from, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = array.get(from + i);
    }
    return numbers;
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
