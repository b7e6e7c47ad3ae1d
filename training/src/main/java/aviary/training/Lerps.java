package aviary.training;

import aviary.cpu.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = a + (b - a) m} for one row, and its gradients, which are added to what is there:
 * {@code da += dy (1 - m)}, {@code db += dy m}, {@code dm = dy (b - a)}.
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
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector from = FloatVector.fromArray(F, a, at + i);
      FloatVector.fromArray(F, b, at + i)
          .sub(from)
          .fma(FloatVector.fromArray(F, m, mAt + i), from)
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = Math.fma(b[at + i] - a[at + i], m[mAt + i], a[at + i]);
    }
  }

  /** {@code da}. */
  static void toStart(float[] dy, int at, float[] m, int mAt, float[] da, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector d = FloatVector.fromArray(F, dy, at + i);
      d.sub(d.mul(FloatVector.fromArray(F, m, mAt + i)))
          .add(FloatVector.fromArray(F, da, at + i))
          .intoArray(da, at + i);
    }
    for (; i < n; i++) {
      da[at + i] += dy[at + i] - dy[at + i] * m[mAt + i];
    }
  }

  /** {@code db}. */
  static void toEnd(float[] dy, int at, float[] m, int mAt, float[] db, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector.fromArray(F, dy, at + i)
          .mul(FloatVector.fromArray(F, m, mAt + i))
          .add(FloatVector.fromArray(F, db, at + i))
          .intoArray(db, at + i);
    }
    for (; i < n; i++) {
      db[at + i] += dy[at + i] * m[mAt + i];
    }
  }

  /** {@code dm}, from {@code at} on, and added to {@code sum} [n], of all rows. */
  static void toAmount(float[] dy, float[] a, float[] b, int at, float[] dm, float[] sum, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector own =
          FloatVector.fromArray(F, b, at + i)
              .sub(FloatVector.fromArray(F, a, at + i))
              .mul(FloatVector.fromArray(F, dy, at + i));
      own.intoArray(dm, at + i);
      own.add(FloatVector.fromArray(F, sum, i)).intoArray(sum, i);
    }
    for (; i < n; i++) {
      dm[at + i] = (b[at + i] - a[at + i]) * dy[at + i];
      sum[i] += dm[at + i];
    }
  }
}
