package aviary.cpu;

import aviary.engine.Logits;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Rows of logits in plain arrays. */
record CpuLogits(float[][] logits) implements Logits {

  @Override
  public int rows() {
    return logits.length;
  }

  @Override
  public float[] row(int row) {
    return logits[row].clone();
  }

  @Override
  public int argmax(int row) {
    float[] numbers = logits[row];
    float greatest = greatest(numbers);
    for (int id = 0; id < numbers.length; id++) {
      if (numbers[id] == greatest) {
        return id;
      }
    }
    return 0; // One is not a number: none is the greatest.
  }

  private static float greatest(float[] numbers) {
    FloatVector greatest = Lanes.all(Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i < Lanes.whole(numbers.length); i += Lanes.COUNT) {
      greatest = greatest.max(Lanes.load(numbers, i));
    }
    float result = greatest.reduceLanes(VectorOperators.MAX);
    for (; i < numbers.length; i++) {
      result = Math.max(result, numbers[i]);
    }
    return result;
  }
}
