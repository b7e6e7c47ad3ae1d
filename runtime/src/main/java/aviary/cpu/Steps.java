package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import aviary.cpu.Step.Body;
import aviary.cpu.Step.Split;
import aviary.engine.Pass;
import aviary.engine.StateData;
import aviary.model.Op.Activation;
import aviary.model.Op.TokenShift.Slot;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Makes the steps: how each operation runs on rows of values, which are given by their places.
 *
 * @param rows how many rows of a pass the steps run on
 * @param products how they multiply with matrices
 */
record Steps(ToIntFunction<Pass> rows, MatrixProducts products) {

  /** {@code out = table[token]}. */
  Step embed(Matrix table, int out) {
    int width = table.ins();
    return byRows(
        List.of(),
        out,
        width,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            table.widen(worker.pass().tokens()[row], worker.value(out), row * width);
          }
        });
  }

  /** Copies the rows whose logits are wanted. */
  Step keepWanted(int in, int out, int width) {
    return byRows(
        List.of(in),
        out,
        width,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            int source = worker.pass().wanted()[row] * width;
            System.arraycopy(worker.value(in), source, worker.value(out), row * width, width);
          }
        });
  }

  /** As {@link Norms#groupNorm}; a layer norm has one group. */
  Step norm(int in, int groups, float epsilon, float[] scale, float[] bias, int out) {
    int width = scale.length;
    return byRows(
        List.of(in),
        out,
        width,
        (worker, from, to) -> {
          float[] x = worker.value(in);
          float[] y = worker.value(out);
          for (int row = from; row < to; row++) {
            Norms.groupNorm(x, row * width, width, groups, epsilon, scale, bias, y, row * width);
          }
        });
  }

  /**
   * {@code out[t] = in[t - 1]}. The member that has a sequence's first row also moves the state's
   * row on, so that nobody else needs it.
   */
  Step tokenShift(Slot slot, int layer, int in, int out, int width) {
    int kept = layer * width;
    return new Step(
        Split.ROWS_WITH_NEIGHBOURS,
        List.of(in),
        List.of(out),
        rows,
        rows,
        width,
        (worker, from, to) -> {
          float[] x = worker.value(in);
          float[] y = worker.value(out);
          for (Pass.Part part : worker.pass().parts()) {
            int first = part.begin();
            int begin = Math.max(first + 1, from);
            int end = Math.min(first + part.rows(), to);
            if (begin < end) {
              System.arraycopy(x, (begin - 1) * width, y, begin * width, (end - begin) * width);
            }
            if (first >= from && first < to) {
              float[] state = shifted(data(part), slot);
              int last = first + part.rows() - 1;
              System.arraycopy(state, kept, y, first * width, width);
              System.arraycopy(x, last * width, state, kept, width);
            }
          }
        });
  }

  /** The contents of a sequence's state, to be read and moved on. */
  private static StateData data(Pass.Part part) {
    return ((CpuState) part.state()).data();
  }

  private static float[] shifted(StateData state, Slot slot) {
    return switch (slot) {
      case ATT -> state.attShift();
      case FFN -> state.ffnShift();
    };
  }

  /** {@code out = start + (end - start) * amount}. */
  Step lerp(int start, int end, float[] amount, int out) {
    int width = amount.length;
    return byRows(
        List.of(start, end),
        out,
        width,
        (worker, from, to) -> {
          float[] y = worker.value(out);
          for (int row = from; row < to; row++) {
            int at = row * width;
            Elementwise.lerp(worker.value(start), worker.value(end), at, amount, y, width);
          }
        });
  }

  /**
   * {@code out = start + (end - start) * (amount + up lora)}, of which {@code lora} is a part of
   * its value's row.
   *
   * @param lora the value
   * @param loraAt where the part begins in the row
   * @param loraWidth the floats in the whole row
   */
  Step ddLerp(
      int start,
      int end,
      int lora,
      int loraAt,
      int loraWidth,
      LowRankUp up,
      float[] amount,
      int out) {
    int width = amount.length;
    return byChannels(
        List.of(start, end, lora),
        out,
        width,
        up.ins(),
        (worker, from, to) -> {
          float[] a = worker.value(start);
          float[] b = worker.value(end);
          float[] y = worker.target(out);
          int count = rows.applyAsInt(worker.pass());
          Rows x = new Rows(worker.value(lora), loraAt, loraWidth);
          up.product(x, count, new Rows(y, 0, width), from, to);
          for (int row = 0; row < count; row++) {
            Elementwise.ddLerp(a, b, row * width + from, amount, from, y, to - from);
          }
        });
  }

  /** {@code out = activation(W in)}. */
  Step product(Matrix w, Activation activation, int in, int out) {
    return byChannels(
        List.of(in),
        out,
        w.outs(),
        w.ins(),
        (worker, from, to) -> {
          float[] y = worker.target(out);
          int count = rows.applyAsInt(worker.pass());
          products.multiply(w, worker.value(in), y, count, from, to, worker);
          activate(activation, y, count, w.outs(), from, to);
        });
  }

  /** {@code out = activation(W in)}, where W is the second matrix of a low-rank pair. */
  Step product(LowRankUp w, Activation activation, int in, int out) {
    return byChannels(
        List.of(in),
        out,
        w.outs(),
        w.ins(),
        (worker, from, to) -> {
          float[] y = worker.target(out);
          int count = rows.applyAsInt(worker.pass());
          Rows x = new Rows(worker.value(in), 0, w.ins());
          w.product(x, count, new Rows(y, 0, w.outs()), from, to);
          activate(activation, y, count, w.outs(), from, to);
        });
  }

  private static void activate(
      Activation activation, float[] y, int count, int width, int from, int to) {
    for (int row = 0; row < count && activation != Activation.NONE; row++) {
      Elementwise.activate(activation, y, row * width + from, to - from);
    }
  }

  /** The same {@code decay} for every token. */
  Step fixedDecay(float[] decay, int out) {
    int width = decay.length;
    return byRows(
        List.of(),
        out,
        width,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            System.arraycopy(decay, 0, worker.value(out), row * width, width);
          }
        });
  }

  /** {@code out = exp(-exp(base + in))}. */
  Step decay(int in, float[] base, int out) {
    int width = base.length;
    return byRows(
        List.of(in),
        out,
        width,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            Elementwise.decay(worker.value(in), row * width, base, worker.value(out), width);
          }
        });
  }

  /**
   * The recurrence; r, k, v, w are the places of receptance, key, value and decay.
   *
   * @param heads H
   * @param firstHead which of the state's heads is the layer's first
   */
  Step wkv(WkvKernel kernel, int r, int k, int v, int w, int heads, int firstHead, int out) {
    return new Step(
        Split.HEADS,
        List.of(r, k, v, w),
        List.of(out),
        rows,
        pass -> pass.parts().size() * heads,
        kernel.work(),
        (worker, from, to) -> {
          var in =
              new WkvKernel.Inputs(
                  worker.value(r), worker.value(k), worker.value(v), worker.value(w));
          for (int unit = from; unit < to; unit++) {
            Pass.Part part = worker.pass().parts().get(unit / heads);
            float[] states = data(part).wkv();
            int head = unit % heads;
            kernel.run(in, worker.value(out), part.begin(), part.rows(), head, states, firstHead);
          }
        });
  }

  /** {@code out = a * b}. */
  Step multiply(int a, int b, int out, int width) {
    return byRows(
        List.of(a, b),
        out,
        width,
        (worker, from, to) ->
            Elementwise.multiply(
                worker.value(a),
                worker.value(b),
                worker.value(out),
                from * width,
                (to - from) * width));
  }

  /** {@code out = a + b}. */
  Step add(int a, int b, int out, int width) {
    return byRows(
        List.of(a, b),
        out,
        width,
        (worker, from, to) ->
            Elementwise.add(
                worker.value(a),
                worker.value(b),
                worker.value(out),
                from * width,
                (to - from) * width));
  }

  private Step byRows(List<Integer> reads, int out, int width, Body body) {
    return new Step(Split.ROWS, reads, List.of(out), rows, rows, 4 * width, body);
  }

  /**
   * @param ins the multiply-adds of a channel
   */
  private Step byChannels(List<Integer> reads, int out, int width, int ins, Body body) {
    return new Step(Split.CHANNELS, reads, List.of(out), rows, _ -> width, ins, body);
  }
}
