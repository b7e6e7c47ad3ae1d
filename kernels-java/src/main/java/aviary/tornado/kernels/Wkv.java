package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
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

  /** The columns that a work item of {@link #plain} takes. */
  public static final int COLUMNS = 16;

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
   * @param valueStride how far apart two rows of values are
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
      int n,
      int valueStride) {
    float[] state = context.allocateFloatLocalArray(4096);
    float[] receptance = context.allocateFloatLocalArray(64);
    float[] key = context.allocateFloatLocalArray(64);
    float[] decay = context.allocateFloatLocalArray(64);
    float[] own = context.allocateFloatLocalArray(64);
    int j = context.localIdx;
    int part = context.groupIdx / heads;
    int head = context.groupIdx % heads;
    int begin = pass.get(PassTable.PART_BEGIN + part);
    int count = pass.get(PassTable.PART_ROWS + part);
    int stateAt =
        ((pass.get(PassTable.PART_SLOT + part) * layers + layer.get(0)) * heads + head) * n * n + j;
    float u = vectors.get(bonus + layer.get(0) * stride + head * n + j);
    for (int i = 0; i < n; i++) {
      state[i * n + j] = states.get(stateAt + i * n);
    }
    for (int t = 0; t < count; t++) {
      int at = (begin + t) * valueStride + head * n + j;
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
   * A work item for {@link #COLUMNS} columns of a head's S of a part, without local memory: the
   * state stays where it is. Columns stand side by side, which a processor's compiler turns into
   * vectors; a head's last columns, where they are fewer, go one by one. The arguments are those of
   * {@link #inGroups}, for any N.
   */
  public static void plain(
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
      int n,
      int valueStride) {
    for (@Parallel int item = 0;
        item < pass.get(PassTable.PARTS) * heads * ((n + COLUMNS - 1) / COLUMNS);
        item++) {
      int blocks = (n + COLUMNS - 1) / COLUMNS;
      int head = item / blocks % heads;
      int part = item / blocks / heads;
      int j = item % blocks * COLUMNS;
      int begin = pass.get(PassTable.PART_BEGIN + part);
      int end = begin + pass.get(PassTable.PART_ROWS + part);
      int matrix = (pass.get(PassTable.PART_SLOT + part) * layers + layer.get(0)) * heads + head;
      int state = matrix * n * n + j;
      int u = bonus + layer.get(0) * stride + head * n;
      if (j + COLUMNS <= n) {
        for (int row = begin; row < end; row++) {
          int at = row * valueStride + head * n;
          float[] value = new float[COLUMNS];
          float[] sums = new float[COLUMNS];
          for (int c = 0; c < COLUMNS; c++) {
            value[c] = values.get(v + at + j + c);
            sums[c] = 0.0f;
          }
          for (int i = 0; i < n; i++) {
            float receptance = values.get(r + at + i);
            float key = values.get(k + at + i);
            float decay = values.get(w + at + i);
            float own = vectors.get(u + i) * key;
            for (int c = 0; c < COLUMNS; c++) {
              float old = states.get(state + i * n + c);
              sums[c] = sums[c] + receptance * (own * value[c] + old);
              states.set(state + i * n + c, key * value[c] + decay * old);
            }
          }
          for (int c = 0; c < COLUMNS; c++) {
            values.set(y + at + j + c, sums[c]);
          }
        }
      } else {
        for (int row = begin; row < end; row++) {
          int at = row * valueStride + head * n;
          for (int c = 0; c < n - j; c++) {
            float value = values.get(v + at + j + c);
            float sum = 0.0f;
            for (int i = 0; i < n; i++) {
              float old = states.get(state + i * n + c);
              float product = values.get(k + at + i) * value;
              sum += values.get(r + at + i) * (vectors.get(u + i) * product + old);
              states.set(state + i * n + c, product + values.get(w + at + i) * old);
            }
            values.set(y + at + j + c, sum);
          }
        }
      }
    }
  }
}
