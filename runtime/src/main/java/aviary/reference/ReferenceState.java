package aviary.reference;

import aviary.engine.State;
import aviary.engine.StateData;

/**
 * A sequence's state in double precision: for each layer the two shifted rows [D] and S [H, N, N].
 */
final class ReferenceState implements State {
  private final int heads;
  private final int headSize;
  private double[][] attShift;
  private double[][] ffnShift;
  private double[][] wkv;

  private ReferenceState(
      int heads, int headSize, double[][] attShift, double[][] ffnShift, double[][] wkv) {
    this.heads = heads;
    this.headSize = headSize;
    this.attShift = attShift;
    this.ffnShift = ffnShift;
    this.wkv = wkv;
  }

  static ReferenceState of(StateData data) {
    int layers = data.layers();
    return new ReferenceState(
        data.heads(),
        data.headSize(),
        split(data.attShift(), layers),
        split(data.ffnShift(), layers),
        split(data.wkv(), layers));
  }

  /** The time mix's input at the sequence's last token. */
  double[] attShift(int layer) {
    return attShift[layer];
  }

  /** The channel mix's input at the sequence's last token. */
  double[] ffnShift(int layer) {
    return ffnShift[layer];
  }

  /** The heads' matrices. */
  double[] wkv(int layer) {
    return wkv[layer];
  }

  void setAttShift(int layer, double[] row) {
    attShift[layer] = row.clone();
  }

  void setFfnShift(int layer, double[] row) {
    ffnShift[layer] = row.clone();
  }

  /** Takes over what {@code moved}, which is given up, has seen. */
  void become(ReferenceState moved) {
    attShift = moved.attShift;
    ffnShift = moved.ffnShift;
    wkv = moved.wkv;
  }

  @Override
  public ReferenceState fork() {
    return new ReferenceState(heads, headSize, copy(attShift), copy(ffnShift), copy(wkv));
  }

  @Override
  public StateData read() {
    return new StateData(
        attShift.length,
        attShift[0].length,
        heads,
        headSize,
        join(attShift),
        join(ffnShift),
        join(wkv));
  }

  @Override
  public void close() {}

  private static double[][] split(float[] numbers, int layers) {
    double[][] out = new double[layers][numbers.length / layers];
    for (int i = 0; i < numbers.length; i++) {
      out[i / out[0].length][i % out[0].length] = numbers[i];
    }
    return out;
  }

  private static float[] join(double[][] layers) {
    float[] out = new float[layers.length * layers[0].length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) layers[i / layers[0].length][i % layers[0].length];
    }
    return out;
  }

  private static double[][] copy(double[][] layers) {
    double[][] out = layers.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] = layers[i].clone();
    }
    return out;
  }
}
