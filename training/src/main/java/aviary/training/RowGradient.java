package aviary.training;

import aviary.cpu.Norms;
import aviary.model.Op;
import aviary.model.Value;
import aviary.model.Weight;
import java.util.Arrays;

/** Norms and token shifts, which look at more than one number of a row or column. */
final class RowGradient {
  private final LayerRun run;
  private final int rows;

  RowGradient(LayerRun run) {
    this.run = run;
    rows = run.rows();
  }

  void norm(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out) {
    int width = in.width();
    float[] x = run.values().of(in);
    float[] y = run.values().of(out);
    float[] s = run.parameter(scale).weights();
    float[] b = run.parameter(bias).weights();
    run.workers()
        .run(
            rows,
            (_, from, to) -> {
              for (int row = from; row < to; row++) {
                Norms.groupNorm(x, row * width, width, groups, epsilon, s, b, y, row * width);
              }
            });
  }

  void normBack(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out) {
    int width = in.width();
    float[] x = run.values().of(in);
    float[] dy = run.gradients().of(out);
    boolean add = run.gradients().add(in);
    float[] dx = run.gradients().of(in);
    NormGradient gradient =
        new NormGradient(x, dy, dx, groups, epsilon, run.parameter(scale).weights());
    float[][] dscale = run.workers().parts(width);
    float[][] dbias = run.workers().parts(width);
    run.workers()
        .run(
            rows,
            (worker, from, to) -> {
              for (int row = from; row < to; row++) {
                if (!add) {
                  Arrays.fill(dx, row * width, (row + 1) * width, 0);
                }
                gradient.row(row * width, dscale[worker], dbias[worker]);
              }
            });
    Workers.addParts(dscale, run.parameter(scale).gradient());
    Workers.addParts(dbias, run.parameter(bias).gradient());
  }

  /**
   * A row whose previous one is not here gets zeros. Its result is not used, but if what was left
   * there were no number, 0 times that would come to weights' gradients.
   */
  void shift(Op.TokenShift op) {
    int width = op.in().width();
    Rows which = run.which();
    float[] x = run.values().of(op.in());
    float[] y = run.values().of(op.out());
    float[] state = run.states().shifted(op.slot());
    run.byRows(
        width,
        (at, n) -> {
          int row = at / width;
          if (which.isFirst(row)) {
            System.arraycopy(state, which.sequence(row) * width, y, at, n);
          } else if (which.hasPrevious(row)) {
            System.arraycopy(x, at - width, y, at, n);
          } else {
            Arrays.fill(y, at, at + n, 0);
          }
        });
    for (int row = 0; row < rows; row++) {
      if (which.isLast(row)) {
        System.arraycopy(x, row * width, state, which.sequence(row) * width, width);
      }
    }
  }

  void shiftBack(Op.TokenShift op) {
    int width = op.in().width();
    Rows which = run.which();
    float[] dy = run.gradients().of(op.out());
    boolean add = run.gradients().add(op.in());
    float[] dx = run.gradients().of(op.in());
    float[] dstate = run.dstates().shifted(op.slot());
    run.byRows(
        width,
        (at, n) -> {
          int row = at / width;
          if (!add) {
            Arrays.fill(dx, at, at + n, 0);
          }
          if (row + 1 < rows && which.hasPrevious(row + 1)) {
            RowMath.add(dy, at + width, dx, at, n);
          }
          if (which.isLast(row)) {
            // What the last token leaves to the tokens behind the batch.
            RowMath.add(dstate, which.sequence(row) * width, dx, at, n);
          }
        });
    Arrays.fill(dstate, 0);
    for (int row = 0; row < rows; row++) {
      if (which.isFirst(row)) {
        System.arraycopy(dy, row * width, dstate, which.sequence(row) * width, width);
      }
    }
  }
}
