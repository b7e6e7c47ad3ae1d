package aviary.training;

import aviary.cpu.FloatProducts.View;
import aviary.model.Op;
import aviary.model.Value;
import java.util.Arrays;

/** Lerps and data-dependent lerps: what they give, and its gradients. */
final class MixGradient {
  private final LayerRun run;
  private final int rows;

  MixGradient(LayerRun run) {
    this.run = run;
    rows = run.rows();
  }

  void lerp(Op.Lerp op) {
    int width = op.out().width();
    float[] a = run.values().of(op.from());
    float[] b = run.values().of(op.to());
    float[] y = run.values().of(op.out());
    float[] m = run.parameter(op.amount()).weights();
    run.workers()
        .run(
            rows,
            (_, from, to) -> {
              for (int row = from; row < to; row++) {
                Lerps.forward(a, b, row * width, m, 0, y, width);
              }
            });
  }

  void lerpBack(Op.Lerp op) {
    float[] m = run.parameter(op.amount()).weights();
    float[] dm = lerpBack(op.from(), op.to(), op.out(), m, 0, run.values().of(op.out()));
    LayerRun.add(dm, run.parameter(op.amount()).gradient());
  }

  /**
   * The gradients of both ends of a lerp, and of the amounts, added up over the rows.
   *
   * @param mStride how far apart two rows' amounts are; 0 where all rows have the same
   * @param dm takes the amounts' gradients of each row
   */
  private float[] lerpBack(Value start, Value end, Value out, float[] m, int mStride, float[] dm) {
    int width = out.width();
    float[] a = run.values().of(start);
    float[] b = run.values().of(end);
    float[] dy = run.gradients().of(out);
    boolean addStart = run.gradients().add(start);
    boolean addEnd = run.gradients().add(end);
    float[] da = run.gradients().of(start);
    float[] db = run.gradients().of(end);
    float[][] sums = run.workers().parts(width);
    run.workers()
        .run(
            rows,
            (worker, from, to) -> {
              for (int row = from; row < to; row++) {
                int at = row * width;
                if (!addStart) {
                  Arrays.fill(da, at, at + width, 0);
                }
                if (!addEnd) {
                  Arrays.fill(db, at, at + width, 0);
                }
                Lerps.toStart(dy, at, m, row * mStride, da, width);
                Lerps.toEnd(dy, at, m, row * mStride, db, width);
                Lerps.toAmount(dy, a, b, at, dm, sums[worker], width);
              }
            });
    float[] sum = new float[width];
    Workers.addParts(sums, sum);
    return sum;
  }

  /** How much of the second end each row takes: kept for the way back. */
  private static Value amounts(Value out) {
    return new Value("amounts of " + out.name(), out.width());
  }

  private static View part(float[] lora, int c, int rank, int count) {
    return new View(lora, c * rank, count * rank, 1);
  }

  void ddLerp(Op.DdLerp op) {
    int count = op.outs().size();
    int rank = op.lora().width() / count;
    int width = op.from().width();
    float[] up = run.parameter(op.up()).weights();
    float[] lora = run.values().of(op.lora());
    float[] a = run.values().of(op.from());
    float[] b = run.values().of(op.to());
    for (int c = 0; c < count; c++) {
      Value out = op.outs().get(c);
      float[] m = run.values().of(amounts(out));
      float[] y = run.values().of(out);
      float[] base = run.parameter(op.amounts().get(c)).weights();
      View matrix = new View(up, c * rank * width, width, 1);
      run.linear()
          .forward(part(lora, c, rank, count), matrix, View.of(m, width), rows, rank, width, false);
      run.workers()
          .run(
              rows,
              (_, from, to) -> {
                for (int row = from; row < to; row++) {
                  int at = row * width;
                  RowMath.add(base, 0, m, at, width);
                  Lerps.forward(a, b, at, m, at, y, width);
                }
              });
    }
  }

  void ddLerpBack(Op.DdLerp op) {
    int count = op.outs().size();
    int rank = op.lora().width() / count;
    int width = op.from().width();
    Parameter up = run.parameter(op.up());
    float[] lora = run.values().of(op.lora());
    boolean add = run.gradients().add(op.lora());
    float[] dlora = run.gradients().of(op.lora());
    for (int c = 0; c < count; c++) {
      Value out = op.outs().get(c);
      // Nobody needs the result any more, so that its place takes the amounts' gradients.
      float[] dm = run.values().of(out);
      float[] sum = lerpBack(op.from(), op.to(), out, run.values().of(amounts(out)), width, dm);
      LayerRun.add(sum, run.parameter(op.amounts().get(c)).gradient());
      View matrix = new View(up.weights(), c * rank * width, width, 1);
      View dmatrix = new View(up.gradient(), c * rank * width, width, 1);
      View dms = View.of(dm, width);
      run.linear().toMatrix(part(lora, c, rank, count), dms, dmatrix, rows, rank, width);
      run.linear().toInput(dms, matrix, part(dlora, c, rank, count), rows, rank, width, add);
    }
  }
}
