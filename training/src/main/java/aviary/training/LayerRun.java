package aviary.training;

import aviary.model.ModelConfig;
import aviary.model.Weight;
import java.util.Arrays;

/**
 * One run of a layer's operations, or of those around the layers, forwards and backwards.
 *
 * @param config of the model
 * @param values what operations give
 * @param gradients those of the values
 * @param prefix what stands before the weights' names
 * @param which the rows that run: for the recurrence, each sequence's from its first on
 * @param states of the layer, on the way forwards; null where no operation asks
 * @param dstates gradients of the layer's states: on the way backwards those behind the last token
 *     become those before the first; null where no operation asks
 * @param kept what the recurrence keeps on the way forwards, [sequences, H, {@link
 *     WkvGradient#keptSize}]
 */
record LayerRun(
    ModelConfig config,
    Parameters parameters,
    Workers workers,
    Linear linear,
    Values values,
    Values gradients,
    String prefix,
    Rows which,
    InitialStates states,
    InitialStates dstates,
    float[] kept) {

  /** Of operations around the layers, which have no state. */
  static LayerRun around(
      Parameters parameters,
      Workers workers,
      Linear linear,
      Values values,
      Values gradients,
      Rows which) {
    return new LayerRun(
        parameters.model().config(),
        parameters,
        workers,
        linear,
        values,
        gradients,
        "",
        which,
        null,
        null,
        null);
  }

  int rows() {
    return which.count();
  }

  Sequences batch() {
    return which.batch();
  }

  /** The token of each row, [rows]. */
  int[] tokens() {
    return Arrays.stream(which.indices()).map(row -> batch().tokens()[row]).toArray();
  }

  Parameter parameter(Weight weight) {
    return parameters.get(weight, prefix);
  }

  /** Works on the numbers of a row. */
  interface Row {
    void run(int at, int count);
  }

  /** Shares out rows that need nothing of one another. */
  void byRows(int width, Row each) {
    workers.run(
        rows(),
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            each.run(row * width, width);
          }
        });
  }

  float[] sumOfRows(float[] x, int width) {
    float[][] parts = workers.parts(width);
    workers.run(
        rows(),
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            RowMath.add(x, row * width, parts[worker], 0, width);
          }
        });
    float[] sum = new float[width];
    Workers.addParts(parts, sum);
    return sum;
  }

  /** Adds to a sum. */
  static void add(float[] part, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += part[i];
    }
  }
}
