package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The recurrence. For each head with its state S [N, N] (key channel i, value channel j), token by
 * token: {@code y[j] = sum_i r[i] (u[i] k[i] v[j] + S[i][j])}, then {@code S[i][j] = k[i] v[j] +
 * w[i] S[i][j]}. The same for RWKV-5.1, 5.2 and 6.0, which differ in where u and w come from.
 */
public final class Wkv {

  /**
   * The largest N of {@link #inGroups}: a head's state then fits the local memory of all devices.
   */
  public static final int MOST_IN_GROUP = 64;

  private Wkv() {}

  /**
   * A group of N work items a part and head: each keeps a column of S in local memory over all the
   * part's tokens, so that the state is read and written once a launch.
   *
   * @param r where receptance [rows, D] is in {@code values}; so k, v and the decay w
   * @param bonus where layer 0's u [H, N] is in {@code vectors}; a layer's is {@code stride} behind
   *     the one before
   * @param states S of all sequences, [slots, L, H, N, N]
   * @param y where the results go
   * @param layers L
   * @param heads H
   * @param n N, at most {@link #MOST_IN_GROUP}
   */
  public static void inGroups(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int r,
      int k,
      int v,
      int w,
      FloatArray vectors,
      int bonus,
      int stride,
      FloatArray states,
      int y,
      int layers,
      int heads,
      int n) {
    float[] state = context.allocateFloatLocalArray(4096);
    float[] receptance = context.allocateFloatLocalArray(64);
    float[] key = context.allocateFloatLocalArray(64);
    float[] decay = context.allocateFloatLocalArray(64);
    float[] own = context.allocateFloatLocalArray(64);
    int j = context.localIdx;
    int part = context.groupIdx / heads;
    int head = context.groupIdx % heads;
    int begin = pass.get(Pass.PART_BEGIN + part);
    int count = pass.get(Pass.PART_ROWS + part);
    int stateAt =
        ((pass.get(Pass.PART_SLOT + part) * layers + layer.get(0)) * heads + head) * n * n + j;
    float u = vectors.get(bonus + layer.get(0) * stride + head * n + j);
    for (int i = 0; i < n; i++) {
      state[i * n + j] = states.get(stateAt + i * n);
    }
    for (int t = 0; t < count; t++) {
      int at = ((begin + t) * heads + head) * n + j;
      context.localBarrier();
      receptance[j] = values.get(r + at);
      key[j] = values.get(k + at);
      decay[j] = values.get(w + at);
      own[j] = u * values.get(k + at);
      context.localBarrier();
      float value = values.get(v + at);
      float sum = 0.0f;
      for (int i = 0; i < n; i++) {
        float old = state[i * n + j];
        sum += receptance[i] * (own[i] * value + old);
        state[i * n + j] = key[i] * value + decay[i] * old;
      }
      values.set(y + at, sum);
    }
    for (int i = 0; i < n; i++) {
      states.set(stateAt + i * n, state[i * n + j]);
    }
  }

  /**
   * As {@link #inGroups} for any N, with a work item a part, head and value channel, without local
   * memory: the state stays where it is.
   */
  public static void plain(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int r,
      int k,
      int v,
      int w,
      FloatArray vectors,
      int bonus,
      int stride,
      FloatArray states,
      int y,
      int layers,
      int heads,
      int n) {
    int item = context.globalIdx;
    int j = item % n;
    int head = item / n % heads;
    int part = item / n / heads;
    if (part < pass.get(Pass.PARTS)) {
      int begin = pass.get(Pass.PART_BEGIN + part);
      int count = pass.get(Pass.PART_ROWS + part);
      int stateAt =
          ((pass.get(Pass.PART_SLOT + part) * layers + layer.get(0)) * heads + head) * n * n + j;
      int u = bonus + layer.get(0) * stride + head * n;
      for (int t = 0; t < count; t++) {
        int at = ((begin + t) * heads + head) * n;
        float value = values.get(v + at + j);
        float sum = 0.0f;
        for (int i = 0; i < n; i++) {
          float old = states.get(stateAt + i * n);
          float product = values.get(k + at + i) * value;
          sum += values.get(r + at + i) * (vectors.get(u + i) * product + old);
          states.set(stateAt + i * n, product + values.get(w + at + i) * old);
        }
        values.set(y + at + j, sum);
      }
    }
  }
}
