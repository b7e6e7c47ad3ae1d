package aviary.cpu;

import aviary.engine.Logits;
import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of logits in an array.
 *
 * @param all the rows, one behind the other
 * @param rows how many there are
 * @param width V
 */
record CpuLogits(float[] all, int rows, int width) implements Logits {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  @Override
  public float[] row(int row) {
    return Arrays.copyOfRange(all, begin(row), begin(row) + width);
  }

  @Override
  public int argmax(int row) {
    int begin = begin(row);
    float greatest = greatest(begin, begin + width);
    for (int id = 0; id < width; id++) {
      if (all[begin + id] == greatest) {
        return id;
      }
    }
    return 0; // One is not a number: none is the greatest.
  }

  private int begin(int row) {
    return Objects.checkIndex(row, rows) * width;
  }

  private float greatest(int from, int to) {
    FloatVector greatest = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = from;
    for (; i < from + Lanes.whole(to - from); i += Lanes.COUNT) {
      greatest = greatest.max(FloatVector.fromArray(F, all, i));
    }
    float result = greatest.reduceLanes(VectorOperators.MAX);
    for (; i < to; i++) {
      result = Math.max(result, all[i]);
    }
    return result;
  }
}
