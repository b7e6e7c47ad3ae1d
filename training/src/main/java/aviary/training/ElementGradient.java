package aviary.training;

import aviary.cpu.Elementwise;
import aviary.cpu.Functions;
import aviary.model.Op;
import aviary.model.Value;
import java.util.Arrays;

/**
 * The embedding, sums, products and decays, number by number: what they give, and its gradients.
 */
final class ElementGradient {
  private final LayerRun run;
  private final int rows;

  ElementGradient(LayerRun run) {
    this.run = run;
    rows = run.rows();
  }

  void multiply(Op.Multiply op) {
    float[] a = run.values().of(op.a());
    float[] b = run.values().of(op.b());
    float[] y = run.values().of(op.out());
    run.byRows(op.out().width(), (at, n) -> Elementwise.multiply(a, b, y, at, n));
  }

  void multiplyBack(Op.Multiply op) {
    float[] dy = run.gradients().of(op.out());
    multiplyBack(dy, op.a(), op.b());
    multiplyBack(dy, op.b(), op.a());
  }

  private void multiplyBack(float[] dy, Value of, Value by) {
    boolean add = run.gradients().add(of);
    float[] factor = run.values().of(by);
    float[] dx = run.gradients().of(of);
    run.byRows(
        of.width(),
        (at, n) -> {
          if (!add) {
            Arrays.fill(dx, at, at + n, 0);
          }
          RowMath.addProduct(dy, factor, at, dx, n);
        });
  }

  void sum(Op.Add op) {
    float[] a = run.values().of(op.a());
    float[] b = run.values().of(op.b());
    float[] y = run.values().of(op.out());
    run.byRows(
        op.out().width(),
        (at, n) -> {
          System.arraycopy(a, at, y, at, n);
          RowMath.add(b, at, y, at, n);
        });
  }

  void sumBack(Op.Add op) {
    addBack(op.out(), op.a());
    addBack(op.out(), op.b());
  }

  private void addBack(Value out, Value in) {
    addTo(run.gradients().of(out), in);
  }

  /** Adds to a gradient. */
  private void addTo(float[] part, Value of) {
    boolean add = run.gradients().add(of);
    float[] sum = run.gradients().of(of);
    run.byRows(
        of.width(),
        (at, n) -> {
          if (add) {
            RowMath.add(part, at, sum, at, n);
          } else {
            System.arraycopy(part, at, sum, at, n);
          }
        });
  }

  void embed(Op.Embed op) {
    int width = op.out().width();
    float[] table = run.parameter(op.table()).weights();
    float[] y = run.values().of(op.out());
    int[] tokens = run.tokens();
    run.byRows(width, (at, n) -> System.arraycopy(table, tokens[at / width] * width, y, at, n));
  }

  /** Each worker has some channels of all rows, since several rows may be of one token. */
  void embedBack(Op.Embed op) {
    int width = op.out().width();
    float[] table = run.parameter(op.table()).gradient();
    float[] dy = run.gradients().of(op.out());
    int[] tokens = run.tokens();
    run.workers()
        .run(
            width,
            (_, from, to) -> {
              for (int row = 0; row < rows; row++) {
                int at = tokens[row] * width;
                RowMath.add(dy, row * width + from, table, at + from, to - from);
              }
            });
  }

  void fixedDecay(Op.FixedDecay op) {
    int width = op.out().width();
    float[] y = run.values().of(op.out());
    float[] decay = run.parameter(op.base()).weights().clone();
    toDecay(decay, 0, width);
    run.workers()
        .run(
            rows,
            (_, from, to) -> {
              for (int row = from; row < to; row++) {
                System.arraycopy(decay, 0, y, row * width, width);
              }
            });
  }

  private static void toDecay(float[] x, int at, int n) {
    Functions.exp(1, x, at, n);
    Functions.exp(-1, x, at, n);
  }

  void fixedDecayBack(Op.FixedDecay op) {
    int width = op.out().width();
    float[] dw = run.gradients().of(op.out());
    float[] sum = run.sumOfRows(dw, width);
    float[] base = run.parameter(op.base()).weights().clone();
    float[] decay = base.clone();
    toDecay(decay, 0, width);
    float[] gradient = new float[width];
    RowMath.decayGradient(base, decay, sum, gradient, 0, width);
    LayerRun.add(gradient, run.parameter(op.base()).gradient());
  }

  void decay(Op.Decay op) {
    int width = op.out().width();
    float[] x = run.values().of(op.in());
    float[] y = run.values().of(op.out());
    float[] base = run.parameter(op.base()).weights();
    run.workers()
        .run(
            rows,
            (_, from, to) -> {
              for (int row = from; row < to; row++) {
                int at = row * width;
                System.arraycopy(x, at, y, at, width);
                RowMath.add(base, 0, y, at, width);
                toDecay(y, at, width);
              }
            });
  }

  void decayBack(Op.Decay op) {
    int width = op.out().width();
    float[] x = run.values().of(op.in());
    float[] w = run.values().of(op.out());
    float[] dw = run.gradients().of(op.out());
    float[] base = run.parameter(op.base()).weights();
    run.workers()
        .run(
            rows,
            (_, from, to) -> {
              for (int row = from; row < to; row++) {
                int at = row * width;
                // Nobody needs the argument any more.
                RowMath.add(base, 0, x, at, width);
                RowMath.decayGradient(x, w, dw, dw, at, width);
              }
            });
    LayerRun.add(run.sumOfRows(dw, width), run.parameter(op.base()).gradient());
    addTo(dw, op.in());
  }
}
