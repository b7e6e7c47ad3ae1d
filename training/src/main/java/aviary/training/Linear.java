package aviary.training;

import aviary.cpu.FloatProducts;
import aviary.cpu.FloatProducts.View;

/**
 * {@code y = x M}, its gradients {@code dx = dy M'} and {@code dM = x' dy}, where M' is M with rows
 * and columns exchanged, shared out to workers.
 */
final class Linear {
  private final Workers workers;
  private final float[][] panels;

  Linear(Workers workers) {
    this.workers = workers;
    panels = new float[workers.count()][FloatProducts.ROOM];
  }

  /**
   * {@code y = x M}.
   *
   * @param x [rows, ins]
   * @param m [ins, outs]
   * @param y [rows, outs]
   * @param add whether to add to what y has
   */
  void forward(View x, View m, View y, int rows, int ins, int outs, boolean add) {
    workers.run(
        rows,
        FloatProducts.ROWS,
        (worker, from, to) ->
            FloatProducts.multiply(x, m, y, outs, ins, from, to, add, panels[worker]));
  }

  /** {@code dx = dy M'}. */
  void toInput(View dy, View m, View dx, int rows, int ins, int outs, boolean add) {
    forward(dy, m.exchanged(), dx, rows, outs, ins, add);
  }

  /**
   * {@code dM += x' dy}. M lies in memory by rows or by columns, which decides who is whose rows.
   */
  void toMatrix(View x, View dy, View dm, int rows, int ins, int outs) {
    if (dm.columnStep() == 1) {
      workers.run(
          ins,
          FloatProducts.ROWS,
          (worker, from, to) ->
              FloatProducts.multiply(
                  x.exchanged(), dy, dm, outs, rows, from, to, true, panels[worker]));
    } else {
      workers.run(
          outs,
          FloatProducts.ROWS,
          (worker, from, to) ->
              FloatProducts.multiply(
                  dy.exchanged(), x, dm.exchanged(), ins, rows, from, to, true, panels[worker]));
    }
  }
}
