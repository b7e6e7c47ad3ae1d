package aviary.training;

import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor that is trained.
 *
 * @param name its full name
 * @param shape its shape
 * @param role what it is used as; only matrices are decayed
 * @param weights its numbers
 * @param gradient of the loss, by each of its numbers
 */
record Parameter(String name, long[] shape, Role role, float[] weights, float[] gradient) {

  Parameter(String name, long[] shape, Role role, float[] weights) {
    this(name, shape, role, weights, new float[weights.length]);
  }

  /** The same weights, with another gradient. */
  Parameter withOwnGradient() {
    return new Parameter(name, shape, role, weights);
  }

  void clearGradient() {
    Arrays.fill(gradient, 0);
  }

  /** Its weights as a tensor, which has them as they change. */
  Tensor tensor() {
    return new Tensor(name, DType.F32, shape, MemorySegment.ofArray(weights));
  }

  /** Whether weight decay makes it smaller: RWKV-LM decays what has two dimensions. */
  boolean decays() {
    return role != Role.VECTOR;
  }

  /** By how much it learns faster than others: the decay of the state twice as fast. */
  float rate() {
    return name.endsWith("att.time_decay") ? 2 : 1;
  }
}
