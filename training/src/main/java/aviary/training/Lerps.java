package aviary.training;

import aviary.cpu.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = a + (b - a) m} for one row, and its gradients: {@code da = dy (1 - m)}, {@code db = dy
 * m}, {@code dm = dy (b - a)}.
 */
final class Lerps {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private Lerps() {}

  /**
   * The lerp.
   *
   * @param at where the row begins in a, b and y
   * @param mAt where m's row begins
   */
  static void forward(float[] a, float[] b, int at, float[] m, int mAt, float[] y, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector from = FloatVector.fromArray(F, a, at + i, mask);
      FloatVector.fromArray(F, b, at + i, mask)
          .sub(from)
          .fma(FloatVector.fromArray(F, m, mAt + i, mask), from)
          .intoArray(y, at + i, mask);
    }
  }

  /** {@code da}; where {@code add} says so it is added to what is there. */
  static void toStart(float[] dy, int at, float[] m, int mAt, float[] da, boolean add, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector d = FloatVector.fromArray(F, dy, at + i, mask);
      FloatVector own = d.sub(d.mul(FloatVector.fromArray(F, m, mAt + i, mask)));
      (add ? own.add(FloatVector.fromArray(F, da, at + i, mask)) : own).intoArray(da, at + i, mask);
    }
  }

  /** {@code db}. */
  static void toEnd(float[] dy, int at, float[] m, int mAt, float[] db, boolean add, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector own =
          FloatVector.fromArray(F, dy, at + i, mask)
              .mul(FloatVector.fromArray(F, m, mAt + i, mask));
      (add ? own.add(FloatVector.fromArray(F, db, at + i, mask)) : own).intoArray(db, at + i, mask);
    }
  }

  /** {@code dm = dy (b - a)}, from {@code at} on, and added to {@code sum} [n], of all rows. */
  static void toAmount(float[] dy, float[] a, float[] b, int at, float[] dm, float[] sum, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector own =
          FloatVector.fromArray(F, b, at + i, mask)
              .sub(FloatVector.fromArray(F, a, at + i, mask))
              .mul(FloatVector.fromArray(F, dy, at + i, mask));
      own.intoArray(dm, at + i, mask);
      own.add(FloatVector.fromArray(F, sum, i, mask)).intoArray(sum, i, mask);
    }
  }
}
