package aviary.training;

import aviary.model.Op;
import aviary.model.Value;
import java.util.Arrays;

/** The recurrence, shared out by sequences and heads: what it gives, and its gradients. */
final class RecurrenceGradient {
  private final LayerRun run;
  private final int heads;
  private final int headSize;

  RecurrenceGradient(LayerRun run) {
    this.run = run;
    heads = run.config().heads();
    headSize = run.config().headSize();
  }

  private WkvGradient[] recurrences() {
    WkvGradient[] each = new WkvGradient[run.workers().count()];
    Arrays.setAll(each, _ -> new WkvGradient(headSize, heads * headSize, run.batch().length()));
    return each;
  }

  private WkvGradient.Inputs inputs(Op.Wkv op, Values of) {
    return new WkvGradient.Inputs(
        of.of(op.receptance()), of.of(op.key()), of.of(op.value()), of.of(op.decay()));
  }

  void wkv(Op.Wkv op) {
    WkvGradient[] each = recurrences();
    WkvGradient.Inputs in = inputs(op, run.values());
    float[] bonus = run.parameter(op.bonus()).weights();
    float[] y = run.values().of(op.out());
    int[] begins = run.which().begins();
    int size = headSize * headSize;
    int keptSize = WkvGradient.keptSize(headSize, run.batch().length());
    run.workers()
        .run(
            run.batch().count() * heads,
            (worker, from, to) -> {
              for (int unit = from; unit < to; unit++) {
                int row = begins[unit / heads];
                int length = begins[unit / heads + 1] - row;
                each[worker].forward(
                    in,
                    bonus,
                    y,
                    row,
                    length,
                    unit % heads,
                    run.states().wkv(),
                    unit * size,
                    run.kept(),
                    unit * keptSize);
              }
            });
  }

  void wkvBack(Op.Wkv op) {
    WkvGradient[] each = recurrences();
    WkvGradient.Inputs in = inputs(op, run.values());
    for (Value value : new Value[] {op.receptance(), op.key(), op.value(), op.decay()}) {
      if (run.gradients().add(value)) {
        throw new IllegalStateException("something else reads " + value.name());
      }
    }
    WkvGradient.Inputs out = inputs(op, run.gradients());
    float[] bonus = run.parameter(op.bonus()).weights();
    float[] dy = run.gradients().of(op.out());
    int[] begins = run.which().begins();
    int size = headSize * headSize;
    int keptSize = WkvGradient.keptSize(headSize, run.batch().length());
    float[][] dbonus = run.workers().parts(bonus.length);
    float[] dstates = run.dstates().wkv();
    run.workers()
        .run(
            run.batch().count() * heads,
            (worker, from, to) -> {
              for (int unit = from; unit < to; unit++) {
                int row = begins[unit / heads];
                int length = begins[unit / heads + 1] - row;
                int head = unit % heads;
                each[worker].backward(
                    in,
                    bonus,
                    run.kept(),
                    unit * keptSize,
                    dy,
                    row,
                    length,
                    head,
                    out,
                    dbonus[worker],
                    dstates,
                    unit * size);
              }
            });
    Workers.addParts(dbonus, run.parameter(op.bonus()).gradient());
  }
}
