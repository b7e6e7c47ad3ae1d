package aviary.cpu;

import aviary.engine.Layers;
import aviary.engine.Pass;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's program, or that of some of its layers, as steps: each operation with its weights, and
 * with a place for each of its values. The layers share their places, but for what goes from one to
 * the next.
 */
final class CpuProgram {
  private static final int NOWHERE = -1;

  private final Model model;
  private final ModelConfig config;
  private final Arena arena;
  private final List<Integer> widths = new ArrayList<>();
  private final List<Step> body = new ArrayList<>();
  private final List<Step> end = new ArrayList<>();
  private final int firstPlaceOfEnd;
  private final int logits;
  private final int hiddenIn;
  private final int hiddenOut;
  private final List<Matrix> matrices = new ArrayList<>();
  private final List<LowRankUp> ups = new ArrayList<>();
  private final List<WkvKernel> heads = new ArrayList<>();
  private long copiedBytes;

  /** Where values are, for the operations that are being turned into steps. */
  private Map<Value, Integer> places = new HashMap<>();

  private Steps make;
  private List<Step> steps = body;

  /** Which layer of the state the operations work on. */
  private int layer;

  private String prefix = "";

  /**
   * @param model the model
   * @param layers which of its layers
   * @param blas who computes products of many rows; empty for this backend itself
   * @param arena holds the matrices that are needed the other way round
   */
  CpuProgram(Model model, Layers layers, Optional<Blas> blas, Arena arena) {
    this.model = model;
    this.config = model.config();
    this.arena = arena;
    MatrixProducts products = new MatrixProducts(blas);
    make = new Steps(Pass::rows, products);
    Program program = model.program();
    if (layers.takesTokens()) {
      program.start().forEach(this::compile);
    }
    hiddenIn = place(program.hidden());
    int in = hiddenIn;
    int out = newPlace(program.layerOut());
    for (layer = 0; layer < layers.count(); layer++) {
      prefix = "blocks." + (layers.first() + layer) + ".";
      places.put(program.hidden(), in);
      places.put(program.layerOut(), out);
      program.layer().forEach(this::compile);
      int written = out;
      out = in;
      in = written;
    }
    hiddenOut = in;
    prefix = "";
    firstPlaceOfEnd = widths.size();
    places = new HashMap<>();
    make = new Steps(pass -> pass.wanted().length, products);
    steps = end;
    logits = layers.givesLogits() ? end(program) : NOWHERE;
  }

  /** From what the last layer gives to logits, for the wanted rows; gives their place. */
  private int end(Program program) {
    steps.add(make.keepWanted(hiddenOut, place(program.hidden()), config.width()));
    program.end().forEach(this::compile);
    return place(program.logits());
  }

  /** From tokens, or from {@link #hiddenIn}, to {@link #hiddenOut}, for all rows. */
  List<Step> body() {
    return body;
  }

  /** From there to logits, for the wanted rows; nothing where others have the last layer. */
  List<Step> end() {
    return end;
  }

  /** How many values there are. */
  int places() {
    return widths.size();
  }

  /** The floats in a row of a value. */
  int width(int place) {
    return widths.get(place);
  }

  /** Whether a value is computed for wanted rows only. */
  boolean isOfEnd(int place) {
    return place >= firstPlaceOfEnd;
  }

  /** The place of what goes into the first layer. */
  int hiddenIn() {
    return hiddenIn;
  }

  /** The place of what comes out of the last layer. */
  int hiddenOut() {
    return hiddenOut;
  }

  /** The place of the logits, of a program that has the last layer. */
  int logits() {
    return logits;
  }

  /** What makes the loops over the program's weights fast. */
  WarmUp warmUp() {
    return WarmUp.of(matrices, ups, heads);
  }

  /** How many weights the matrices have. */
  long weights() {
    return matrices.stream().mapToLong(w -> (long) w.outs() * w.ins()).sum();
  }

  /** The floats that a member needs for itself. */
  int scratchSize() {
    int widest = matrices.stream().mapToInt(Matrix::ins).max().orElse(0);
    return Math.max(2 * widest, ManyRows.panelSize(widest));
  }

  /** The bytes of the weights that the steps have copies of, as floats or transposed. */
  long copiedBytes() {
    return copiedBytes;
  }

  private int place(Value value) {
    return places.computeIfAbsent(value, this::newPlace);
  }

  private int newPlace(Value value) {
    widths.add(value.width());
    return widths.size() - 1;
  }

  private void compile(Op op) {
    switch (op) {
      case Op.Embed(Weight table, Value out) ->
          steps.add(make.embed(matrix(table, Layout.OUT_IN), place(out)));
      case Op.LayerNorm(Value in, Weight scale, Weight bias, Value out) ->
          steps.add(
              make.norm(
                  place(in), 1, Op.LayerNorm.EPSILON, vector(scale), vector(bias), place(out)));
      case Op.GroupNorm(
              Value in,
              int groups,
              float epsilon,
              Weight scale,
              Weight bias,
              Value out) ->
          steps.add(make.norm(place(in), groups, epsilon, vector(scale), vector(bias), place(out)));
      case Op.TokenShift(Value in, Op.TokenShift.Slot slot, Value out) ->
          steps.add(make.tokenShift(slot, layer, place(in), place(out), in.width()));
      case Op.Lerp(Value from, Value to, Weight amount, Value out) ->
          steps.add(make.lerp(place(from), place(to), vector(amount), place(out)));
      case Op.DdLerp lerps -> ddLerps(lerps);
      case Op.MatMul product -> steps.add(product(product));
      case Op.FixedDecay(Weight base, Value out) ->
          steps.add(make.fixedDecay(decay(vector(base)), place(out)));
      case Op.Decay(Value in, Weight base, Value out) ->
          steps.add(make.decay(place(in), vector(base), place(out)));
      case Op.Wkv wkv -> steps.add(wkv(wkv));
      case Op.Multiply(Value a, Value b, Value out) ->
          steps.add(make.multiply(place(a), place(b), place(out), out.width()));
      case Op.Add(Value a, Value b, Value out) ->
          steps.add(make.add(place(a), place(b), place(out), out.width()));
    }
  }

  private void ddLerps(Op.DdLerp op) {
    int loraWidth = op.lora().width();
    int rank = loraWidth / op.outs().size();
    for (int c = 0; c < op.outs().size(); c++) {
      LowRankUp up = up(op.up(), c, rank, op.from().width());
      steps.add(
          make.ddLerp(
              place(op.from()),
              place(op.to()),
              place(op.lora()),
              c * rank,
              loraWidth,
              up,
              vector(op.amounts().get(c)),
              place(op.outs().get(c))));
    }
  }

  private Step product(Op.MatMul op) {
    int in = place(op.in());
    int out = place(op.out());
    int ins = op.in().width();
    int outs = op.out().width();
    return op.layout() == Layout.IN_OUT && ins < outs
        ? make.product(up(op.weight(), 0, ins, outs), op.activation(), in, out)
        : make.product(matrix(op.weight(), op.layout()), op.activation(), in, out);
  }

  private Step wkv(Op.Wkv op) {
    var kernel = new WkvKernel(config.width(), config.headSize(), vector(op.bonus()));
    heads.add(kernel);
    return make.wkv(
        kernel,
        place(op.receptance()),
        place(op.key()),
        place(op.value()),
        place(op.decay()),
        config.heads(),
        layer * config.heads(),
        place(op.out()));
  }

  private static float[] decay(float[] base) {
    float[] decay = new float[base.length];
    Elementwise.decay(new float[base.length], 0, base, decay, base.length);
    return decay;
  }

  private float[] vector(Weight weight) {
    float[] vector = model.vector(weight, prefix + weight.name());
    copiedBytes += (long) Float.BYTES * vector.length;
    return vector;
  }

  private LowRankUp up(Weight weight, int index, int ins, int outs) {
    LowRankUp up = LowRankUp.of(model.tensor(prefix + weight.name()), index, ins, outs);
    copiedBytes += (long) Float.BYTES * up.panels().length;
    ups.add(up);
    return up;
  }

  private Tensor transposed(String name) {
    Tensor transposed = Transpose.of(model.tensor(name), arena);
    copiedBytes += transposed.data().byteSize();
    return transposed;
  }

  private Matrix matrix(Weight weight, Layout layout) {
    String name = prefix + weight.name();
    Matrix matrix =
        switch (layout) {
          case OUT_IN -> Matrix.of(model, name);
          case IN_OUT -> Matrix.of(transposed(name));
        };
    matrices.add(matrix);
    return matrix;
  }
}
