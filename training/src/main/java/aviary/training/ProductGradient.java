package aviary.training;

import aviary.cpu.Elementwise;
import aviary.cpu.FloatProducts.View;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Value;

/** Products with a matrix and its activation: what they give, and its gradients. */
final class ProductGradient {

  /** What an activation was given, where its gradient needs that. */
  private static final String ARGUMENT = " before its activation";

  private final LayerRun run;
  private final int rows;

  ProductGradient(LayerRun run) {
    this.run = run;
    rows = run.rows();
  }

  private static View matrix(float[] weights, Op.MatMul op) {
    return op.layout() == Layout.IN_OUT
        ? View.of(weights, op.out().width())
        : View.of(weights, op.in().width()).exchanged();
  }

  private static Value argument(Op.MatMul op) {
    return op.activation() == Activation.SILU
        ? new Value(op.out().name() + ARGUMENT, op.out().width())
        : op.out();
  }

  void product(Op.MatMul op) {
    int ins = op.in().width();
    int outs = op.out().width();
    float[] x = run.values().of(op.in());
    float[] before = run.values().of(argument(op));
    float[] y = run.values().of(op.out());
    View m = matrix(run.parameter(op.weight()).weights(), op);
    run.linear().forward(View.of(x, ins), m, View.of(before, outs), rows, ins, outs, false);
    if (op.activation() != Activation.NONE) {
      run.byRows(
          outs,
          (at, n) -> {
            if (before != y) {
              System.arraycopy(before, at, y, at, n);
            }
            Elementwise.activate(op.activation(), y, at, n);
          });
    }
  }

  void productBack(Op.MatMul op) {
    int ins = op.in().width();
    int outs = op.out().width();
    float[] dy = run.gradients().of(op.out());
    if (op.activation() != Activation.NONE) {
      float[] before = run.values().of(argument(op));
      float[] y = run.values().of(op.out());
      run.byRows(
          outs, (at, n) -> RowMath.activationGradient(op.activation(), before, y, dy, at, n));
    }
    Parameter weight = run.parameter(op.weight());
    View dys = View.of(dy, outs);
    View x = View.of(run.values().of(op.in()), ins);
    run.linear().toMatrix(x, dys, matrix(weight.gradient(), op), rows, ins, outs);
    boolean add = run.gradients().add(op.in());
    View dx = View.of(run.gradients().of(op.in()), ins);
    run.linear().toInput(dys, matrix(weight.weights(), op), dx, rows, ins, outs, add);
  }
}
