package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What a device can do at most: kernels that only read, and that only multiply and add. */
public final class Peak {

  /** The numbers that a work item of {@link #read} reads. */
  public static final int NUMBERS = 8192;

  /** The results that a work item of {@link #read} has. */
  public static final int READ_SUMS = 8;

  /** The results that a work item of {@link #multiply} has. */
  public static final int SUMS = 128;

  /** How often each of them is multiplied and added to. */
  public static final int STEPS = 4096;

  private Peak() {}

  /**
   * Adds up numbers, eight sums side by side that are written behind each other, as {@link MatVec}
   * does. Grid: a work item for {@link #NUMBERS} numbers.
   *
   * @param items how many work items there are, in its first place
   */
  public static void read(IntArray items, FloatArray numbers, FloatArray sums) {
    for (@Parallel int item = 0; item < items.get(0); item++) {
      float s0 = 0.0f;
      float s1 = 0.0f;
      float s2 = 0.0f;
      float s3 = 0.0f;
      float s4 = 0.0f;
      float s5 = 0.0f;
      float s6 = 0.0f;
      float s7 = 0.0f;
      for (int step = 0; step < NUMBERS / READ_SUMS; step++) {
        int at = item * NUMBERS + step * 8;
        s0 += numbers.get(at);
        s1 += numbers.get(at + 1);
        s2 += numbers.get(at + 2);
        s3 += numbers.get(at + 3);
        s4 += numbers.get(at + 4);
        s5 += numbers.get(at + 5);
        s6 += numbers.get(at + 6);
        s7 += numbers.get(at + 7);
      }
      sums.set(item * READ_SUMS, s0);
      sums.set(item * READ_SUMS + 1, s1);
      sums.set(item * READ_SUMS + 2, s2);
      sums.set(item * READ_SUMS + 3, s3);
      sums.set(item * READ_SUMS + 4, s4);
      sums.set(item * READ_SUMS + 5, s5);
      sums.set(item * READ_SUMS + 6, s6);
      sums.set(item * READ_SUMS + 7, s7);
    }
  }

  /**
   * {@code s = s a + b}, for many s side by side that no memory is needed for, as {@link MatMul}
   * has them. Grid: a work item for {@link #SUMS} sums.
   *
   * @param items how many work items there are, in its first place
   * @param factors a and b
   */
  public static void multiply(IntArray items, FloatArray factors, FloatArray sums) {
    for (@Parallel int item = 0; item < items.get(0); item++) {
      float a = factors.get(0);
      float b = factors.get(1);
      float[] s0 = new float[16];
      float[] s1 = new float[16];
      float[] s2 = new float[16];
      float[] s3 = new float[16];
      float[] s4 = new float[16];
      float[] s5 = new float[16];
      float[] s6 = new float[16];
      float[] s7 = new float[16];
      for (int t = 0; t < 16; t++) {
        s0[t] = b;
        s1[t] = b;
        s2[t] = b;
        s3[t] = b;
        s4[t] = b;
        s5[t] = b;
        s6[t] = b;
        s7[t] = b;
      }
      for (int step = 0; step < STEPS; step++) {
        for (int t = 0; t < 16; t++) {
          s0[t] = s0[t] * a + b;
          s1[t] = s1[t] * a + b;
          s2[t] = s2[t] * a + b;
          s3[t] = s3[t] * a + b;
          s4[t] = s4[t] * a + b;
          s5[t] = s5[t] * a + b;
          s6[t] = s6[t] * a + b;
          s7[t] = s7[t] * a + b;
        }
      }
      for (int t = 0; t < 16; t++) {
        sums.set(item * SUMS + t * 8, s0[t]);
        sums.set(item * SUMS + t * 8 + 1, s1[t]);
        sums.set(item * SUMS + t * 8 + 2, s2[t]);
        sums.set(item * SUMS + t * 8 + 3, s3[t]);
        sums.set(item * SUMS + t * 8 + 4, s4[t]);
        sums.set(item * SUMS + t * 8 + 5, s5[t]);
        sums.set(item * SUMS + t * 8 + 6, s6[t]);
        sums.set(item * SUMS + t * 8 + 7, s7[t]);
      }
    }
  }
}
