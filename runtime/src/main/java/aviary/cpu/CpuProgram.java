package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import aviary.cpu.Step.Body;
import aviary.cpu.Step.Split;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's program as steps: each operation with its weights, and with a place for each of its
 * values. The layers share their places, but for what goes from one to the next.
 */
final class CpuProgram {
  private final Model model;
  private final ModelConfig config;
  private final Arena arena;
  private final List<Integer> widths = new ArrayList<>();
  private final List<Step> body = new ArrayList<>();
  private final List<Step> end = new ArrayList<>();
  private final int logits;
  private int widestInput;

  /** Where values are, for the operations that are being turned into steps. */
  private Map<Value, Integer> places = new HashMap<>();

  private List<Step> steps = body;
  private int layer;
  private String prefix = "";

  /**
   * @param model the model
   * @param arena holds the low-rank matrices, which are needed the other way round
   */
  CpuProgram(Model model, Arena arena) {
    this.model = model;
    this.config = model.config();
    this.arena = arena;
    Program program = Program.of(config);
    program.start().forEach(this::compile);
    int in = place(program.hidden());
    int out = newPlace(program.layerOut());
    for (layer = 0; layer < config.layers(); layer++) {
      prefix = "blocks." + layer + ".";
      places.put(program.hidden(), in);
      places.put(program.layerOut(), out);
      program.layer().forEach(this::compile);
      int written = out;
      out = in;
      in = written;
    }
    prefix = "";
    steps = end;
    places = new HashMap<>();
    keepWanted(in, place(program.hidden()), config.width());
    program.end().forEach(this::compile);
    logits = place(program.logits());
  }

  /** From tokens to what the last layer gives, for all rows. */
  List<Step> body() {
    return body;
  }

  /** From there to logits, for the wanted rows. */
  List<Step> end() {
    return end;
  }

  /** The floats in a row of each value, by place. */
  List<Integer> widths() {
    return widths;
  }

  /** The places that the steps of the end use for wanted rows. */
  boolean isOfEnd(int place) {
    return end.stream().anyMatch(step -> step.writes().contains(place));
  }

  /** The place of the logits. */
  int logits() {
    return logits;
  }

  /** The floats that a member needs for itself. */
  int scratchSize() {
    return ManyRows.panelSize(widestInput);
  }

  private int place(Value value) {
    return places.computeIfAbsent(value, this::newPlace);
  }

  private int newPlace(Value value) {
    widths.add(value.width());
    return widths.size() - 1;
  }

  private void add(Split split, List<Integer> reads, List<Integer> writes, Body work) {
    steps.add(new Step(split, reads, writes, work));
  }

  private void keepWanted(int in, int out, int width) {
    add(
        Split.ROWS,
        List.of(in),
        List.of(out),
        share -> {
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            int from = share.pass().wanted[row] * width;
            System.arraycopy(share.value(in), from, share.value(out), row * width, width);
          }
        });
  }

  private void compile(Op op) {
    switch (op) {
      case Op.Embed(Weight table, Value out) -> embed(table, place(out), out.width());
      case Op.LayerNorm(Value in, Weight scale, Weight bias, Value out) ->
          norm(in, 1, Op.LayerNorm.EPSILON, scale, bias, out);
      case Op.GroupNorm(
              Value in,
              int groups,
              float epsilon,
              Weight scale,
              Weight bias,
              Value out) ->
          norm(in, groups, epsilon, scale, bias, out);
      case Op.TokenShift(Value in, Op.TokenShift.Slot slot, Value out) ->
          tokenShift(slot, layer, place(in), place(out), in.width());
      case Op.Lerp(Value from, Value to, Weight amount, Value out) ->
          lerp(place(from), place(to), vector(amount), place(out), out.width());
      case Op.DdLerp lerps -> ddLerps(lerps);
      case Op.MatMul(Value in, Weight weight, Layout layout, Activation activation, Value out) ->
          matMul(matrix(weight, layout), activation, place(in), place(out));
      case Op.FixedDecay(Weight base, Value out) -> fixedDecay(vector(base), place(out));
      case Op.Decay(Value in, Weight base, Value out) ->
          decay(place(in), vector(base), place(out), out.width());
      case Op.Wkv wkv -> wkv(wkv);
      case Op.Multiply(Value a, Value b, Value out) ->
          multiply(place(a), place(b), place(out), out.width());
      case Op.Add(Value a, Value b, Value out) -> sum(place(a), place(b), place(out), out.width());
    }
  }

  private void embed(Weight table, int out, int width) {
    Matrix matrix = matrix(table, Layout.OUT_IN);
    add(
        Split.ROWS,
        List.of(),
        List.of(out),
        share -> {
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            matrix.widen(share.pass().tokens[row], share.value(out), row * width);
          }
        });
  }

  private void norm(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out) {
    int from = place(in);
    int to = place(out);
    int width = in.width();
    float[] s = vector(scale);
    float[] b = vector(bias);
    add(
        Split.ROWS,
        List.of(from),
        List.of(to),
        share -> {
          float[] x = share.value(from);
          float[] y = share.value(to);
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            Norms.groupNorm(x, row * width, width, groups, epsilon, s, b, y, row * width);
          }
        });
  }

  /** The member that has a sequence's first row also moves the state's row on. */
  private void tokenShift(Op.TokenShift.Slot slot, int inLayer, int in, int out, int width) {
    add(
        Split.ROWS_WITH_NEIGHBOURS,
        List.of(in),
        List.of(out),
        share -> {
          float[] x = share.value(in);
          float[] y = share.value(out);
          for (Pass.Part part : share.pass().parts) {
            int begin = Math.max(part.begin() + 1, share.firstRow());
            int end = Math.min(part.begin() + part.rows(), share.endRow());
            if (begin < end) {
              System.arraycopy(x, (begin - 1) * width, y, begin * width, (end - begin) * width);
            }
            if (share.hasRow(part.begin())) {
              float[] rows = shifted(part.state(), slot);
              int last = part.begin() + part.rows() - 1;
              System.arraycopy(rows, inLayer * width, y, part.begin() * width, width);
              System.arraycopy(x, last * width, rows, inLayer * width, width);
            }
          }
        });
  }

  private static float[] shifted(StateData state, Op.TokenShift.Slot slot) {
    return switch (slot) {
      case ATT -> state.attShift();
      case FFN -> state.ffnShift();
    };
  }

  private void lerp(int from, int to, float[] amount, int out, int width) {
    add(
        Split.ROWS,
        List.of(from, to),
        List.of(out),
        share -> {
          float[] y = share.value(out);
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            int at = row * width;
            Elementwise.lerp(share.value(from), share.value(to), at, amount, y, width);
          }
        });
  }

  private void ddLerps(Op.DdLerp op) {
    int lerps = op.outs().size();
    int rank = op.lora().width() / lerps;
    for (int c = 0; c < lerps; c++) {
      Matrix up = lowRank(op.up(), c, rank, op.from().width());
      ddLerp(op, c, up, vector(op.amounts().get(c)));
    }
  }

  private void ddLerp(Op.DdLerp op, int c, Matrix up, float[] amount) {
    int from = place(op.from());
    int to = place(op.to());
    int lora = place(op.lora());
    int out = place(op.outs().get(c));
    int width = op.from().width();
    int rank = up.ins();
    add(
        Split.CHANNELS,
        List.of(from, to, lora),
        List.of(out),
        share -> {
          int first = share.firstChannel(width);
          int count = share.endChannel(width) - first;
          float[] y = share.value(out);
          Rows x = new Rows(share.value(lora), c * rank, op.lora().width());
          multiply(up, x, new Rows(y, 0, width), share);
          for (int row = 0; row < share.rows(); row++) {
            int at = row * width + first;
            Elementwise.ddLerp(share.value(from), share.value(to), at, amount, first, y, count);
          }
        });
  }

  private void matMul(Matrix matrix, Activation activation, int in, int out) {
    int width = matrix.outs();
    add(
        Split.CHANNELS,
        List.of(in),
        List.of(out),
        share -> {
          float[] y = share.value(out);
          multiply(
              matrix, new Rows(share.value(in), 0, matrix.ins()), new Rows(y, 0, width), share);
          int first = share.firstChannel(width);
          int count = share.endChannel(width) - first;
          for (int row = 0; row < share.rows() && activation != Activation.NONE; row++) {
            Elementwise.activate(activation, y, row * width + first, count);
          }
        });
  }

  /** A member's share of the products of all rows with a matrix. */
  private static void multiply(Matrix matrix, Rows x, Rows y, Share share) {
    int from = share.firstChannel(matrix.outs());
    int to = share.endChannel(matrix.outs());
    if (share.rows() == 1) {
      matrix.times(x.array(), x.at(), y.array(), y.at(), from, to, share.scratch());
    } else {
      ManyRows.product(matrix, x, share.rows(), y, from, to, share.scratch());
    }
  }

  private void fixedDecay(float[] base, int out) {
    float[] decay = new float[base.length];
    Elementwise.decay(new float[base.length], 0, base, decay, base.length);
    add(
        Split.ROWS,
        List.of(),
        List.of(out),
        share -> {
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            System.arraycopy(decay, 0, share.value(out), row * decay.length, decay.length);
          }
        });
  }

  private void decay(int in, float[] base, int out, int width) {
    add(
        Split.ROWS,
        List.of(in),
        List.of(out),
        share -> {
          for (int row = share.firstRow(); row < share.endRow(); row++) {
            Elementwise.decay(share.value(in), row * width, base, share.value(out), width);
          }
        });
  }

  private void wkv(Op.Wkv op) {
    int r = place(op.receptance());
    int k = place(op.key());
    int v = place(op.value());
    int w = place(op.decay());
    int out = place(op.out());
    float[] bonus = vector(op.bonus());
    int heads = config.heads();
    WkvKernel kernel = new WkvKernel(config.width(), config.headSize(), bonus);
    int firstHead = layer * heads;
    add(
        Split.HEADS,
        List.of(r, k, v, w),
        List.of(out),
        share -> {
          var in =
              new WkvKernel.Inputs(share.value(r), share.value(k), share.value(v), share.value(w));
          List<Pass.Part> parts = share.pass().parts;
          int units = parts.size() * heads;
          for (int unit = share.firstHead(units); unit < share.endHead(units); unit++) {
            Pass.Part part = parts.get(unit / heads);
            int head = unit % heads;
            float[] state = part.state().wkv();
            kernel.run(in, share.value(out), part.begin(), part.rows(), head, state, firstHead);
          }
        });
  }

  private void multiply(int a, int b, int out, int width) {
    add(
        Split.ROWS,
        List.of(a, b),
        List.of(out),
        share -> {
          int at = share.firstRow() * width;
          int count = share.endRow() * width - at;
          Elementwise.multiply(share.value(a), share.value(b), share.value(out), at, count);
        });
  }

  private void sum(int a, int b, int out, int width) {
    add(
        Split.ROWS,
        List.of(a, b),
        List.of(out),
        share -> {
          int at = share.firstRow() * width;
          int count = share.endRow() * width - at;
          Elementwise.add(share.value(a), share.value(b), share.value(out), at, count);
        });
  }

  private float[] vector(Weight weight) {
    return model.vector(weight, prefix + weight.name());
  }

  private Matrix matrix(Weight weight, Layout layout) {
    String name = prefix + weight.name();
    if (layout == Layout.IN_OUT) {
      long[] shape = model.tensor(name).shape();
      return lowRank(weight, 0, (int) shape[0], (int) shape[1]);
    }
    return noted(Matrix.of(model, name));
  }

  /** The {@code index}-th matrix [in, out] of a tensor, turned to [out, in]. */
  private Matrix lowRank(Weight weight, int index, int ins, int outs) {
    var tensor = model.tensor(prefix + weight.name());
    return noted(Matrix.of(Transpose.of(tensor, index, ins, outs, arena), outs, ins));
  }

  private Matrix noted(Matrix matrix) {
    widestInput = Math.max(widestInput, matrix.ins());
    return matrix;
  }
}
