package aviary.tornado;

import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.DeviceModel.Chunk;
import aviary.tornado.DeviceModel.Slice;
import aviary.tornado.kernels.Activations;
import aviary.tornado.kernels.Argmax;
import aviary.tornado.kernels.DdLerp;
import aviary.tornado.kernels.Decay;
import aviary.tornado.kernels.Elementwise;
import aviary.tornado.kernels.Embedding;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.LayerCounter;
import aviary.tornado.kernels.Lerp;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatMulQ8;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.MatVecQ8;
import aviary.tornado.kernels.Pass;
import aviary.tornado.kernels.StateCopy;
import aviary.tornado.kernels.TokenShift;
import aviary.tornado.kernels.Touch;
import aviary.tornado.kernels.WantedRows;
import aviary.tornado.kernels.Wkv;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/**
 * A model's program as task graphs, a task an operation. A graph of a layer runs once for each
 * layer; there are two of it, for one row of activations and for many, as their matrix products are
 * different kernels. All graphs work on the same arrays, which the first graph brings to the
 * device.
 */
final class Graphs {
  private final DeviceModel device;
  private final GridScheduler scheduler;
  private final KernelContext context = new KernelContext();

  final Graph load;
  final Graph put;
  final Graph get;
  final Graph logits;
  final Graph start;
  final List<Graph> oneRow = new ArrayList<>();
  final List<Graph> manyRows = new ArrayList<>();
  final Graph oneWanted;
  final Graph manyWanted;

  Graphs(DeviceModel device, GridScheduler scheduler) {
    this.device = device;
    this.scheduler = scheduler;
    load = load();
    put = put();
    get = get();
    logits = logits();
    start = start();
    for (int chunk = 0; chunk < device.chunks.size(); chunk++) {
      oneRow.add(layer("one" + chunk, device.chunks.get(chunk), true));
      manyRows.add(layer("many" + chunk, device.chunks.get(chunk), false));
    }
    oneWanted = end("wanted", true);
    manyWanted = end("wantedMany", false);
    share();
  }

  /** All graphs, in the order of their places in the plan. */
  List<Graph> all() {
    List<Graph> all = new ArrayList<>(List.of(load, put, get, logits, start));
    all.addAll(oneRow);
    all.addAll(manyRows);
    all.add(oneWanted);
    all.add(manyWanted);
    return all;
  }

  /**
   * Lets any graph run behind any other, and find the arrays where that left them. What the pass is
   * about comes from the host to some graphs, and to the others from the graph before.
   */
  private void share() {
    Object[] arrays = device.memory.all();
    Object[] withoutPass =
        Stream.of(arrays).filter(array -> array != device.pass).toArray(Object[]::new);
    for (Graph graph : all()) {
      boolean getsPass = graph == put || graph == get || graph == logits || graph == start;
      for (Graph before : all()) {
        if (graph != load) {
          graph
              .tasks()
              .consumeFromDevice(
                  before.tasks().getTaskGraphName(), getsPass ? withoutPass : arrays);
        }
      }
      graph.tasks().persistOnDevice(arrays);
    }
  }

  /** Brings all arrays to the device. */
  private Graph load() {
    Graph graph = new Graph("load", scheduler);
    graph.tasks().transferToDevice(DataTransferMode.FIRST_EXECUTION, device.memory.all());
    List<FloatArray> floats = device.memory.allFloats();
    int i = 0;
    for (; i + Touch.ARRAYS <= floats.size(); i += Touch.ARRAYS) {
      graph
          .tasks()
          .task(
              graph.items("touch", _ -> 1),
              Touch::severalFloats,
              context,
              device.layer,
              floats.get(i),
              floats.get(i + 1),
              floats.get(i + 2),
              floats.get(i + 3));
    }
    for (FloatArray array : floats.subList(i, floats.size())) {
      graph.tasks().task(graph.items("touch", _ -> 1), Touch::floats, context, device.layer, array);
    }
    List<Int8Array> bytes = device.memory.allBytes();
    i = 0;
    for (; i + Touch.ARRAYS <= bytes.size(); i += Touch.ARRAYS) {
      graph
          .tasks()
          .task(
              graph.items("touch", _ -> 1),
              Touch::severalBytes,
              context,
              device.layer,
              bytes.get(i),
              bytes.get(i + 1),
              bytes.get(i + 2),
              bytes.get(i + 3));
    }
    for (Int8Array array : bytes.subList(i, bytes.size())) {
      graph.tasks().task(graph.items("touch", _ -> 1), Touch::bytes, context, device.layer, array);
    }
    graph
        .tasks()
        .task(graph.items("touch", _ -> 1), Touch::ints, context, device.layer, device.pass);
    return graph;
  }

  /** Writes a state that comes from the host to a slot. */
  private Graph put() {
    Graph graph = new Graph("put", scheduler);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, device.pass, device.arriving);
    graph
        .tasks()
        .task(
            graph.items("put", _ -> device.stateSize()),
            StateCopy::put,
            context,
            device.pass,
            device.arriving,
            device.attShifts,
            device.ffnShifts,
            device.states,
            device.shifts(),
            device.wkvs());
    return graph;
  }

  /** Reads the state of a slot. */
  private Graph get() {
    Graph graph = new Graph("get", scheduler);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, device.pass);
    graph
        .tasks()
        .task(
            graph.items("get", _ -> device.stateSize()),
            StateCopy::get,
            context,
            device.pass,
            device.leaving,
            device.attShifts,
            device.ffnShifts,
            device.states,
            device.shifts(),
            device.wkvs());
    graph.tasks().transferToHost(DataTransferMode.EVERY_EXECUTION, device.leaving);
    return graph;
  }

  /** Reads a row of logits. */
  private Graph logits() {
    Graph graph = new Graph("logits", scheduler);
    int width = device.config.vocabulary();
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, device.pass);
    graph
        .tasks()
        .task(
            graph.items("row", _ -> width),
            WantedRows::fetch,
            context,
            device.pass,
            device.values,
            place(device.program.logits()),
            device.logits,
            width)
        .transferToHost(DataTransferMode.EVERY_EXECUTION, device.logits);
    return graph;
  }

  /** From tokens to what goes into the first layer. */
  private Graph start() {
    Graph graph = new Graph("start", scheduler);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, device.pass);
    graph.tasks().task(graph.items("begin", _ -> 1), LayerCounter::begin, context, device.layer);
    for (Op op : device.program.start()) {
      switch (op) {
        case Op.Embed embed -> embed(graph, embed);
        case Op.LayerNorm norm -> norm(graph, norm, place(norm.in()), Pass.ROWS, Counts::rows);
        default -> throw new IllegalStateException("not at a program's start: " + op);
      }
    }
    return graph;
  }

  private void embed(Graph graph, Op.Embed op) {
    for (Slice slice : device.embedding) {
      graph
          .tasks()
          .task(
              graph.items("embed", counts -> counts.rows() * device.config.width()),
              Embedding::embed,
              context,
              device.pass,
              ((Matrices.F32) slice.rows()).weights(),
              slice.first(),
              slice.count(),
              device.values,
              place(op.out()),
              device.config.width());
    }
  }

  /** One layer, and on to the next. */
  private Graph layer(String name, Chunk chunk, boolean oneRow) {
    Graph graph = new Graph(name, scheduler);
    device.program.layer().forEach(op -> add(graph, op, chunk, oneRow));
    graph.tasks().task(graph.items("next", _ -> 1), LayerCounter::next, context, device.layer);
    return graph;
  }

  private void add(Graph graph, Op op, Chunk chunk, boolean oneRow) {
    switch (op) {
      case Op.LayerNorm norm -> norm(graph, norm, place(norm.in()), Pass.ROWS, Counts::rows);
      case Op.TokenShift shift -> shift(graph, shift);
      case Op.Lerp lerp -> lerp(graph, lerp);
      case Op.DdLerp lerps -> ddLerp(graph, lerps, chunk);
      case Op.MatMul product -> product(graph, product, chunk, oneRow);
      case Op.FixedDecay decay -> fixedDecay(graph, decay);
      case Op.Decay decay -> decay(graph, decay);
      case Op.Wkv wkv -> wkv(graph, wkv);
      case Op.GroupNorm norm ->
          norm(
              graph,
              place(norm.in()),
              norm.scale(),
              norm.bias(),
              norm.out(),
              norm.groups(),
              norm.epsilon(),
              Pass.ROWS,
              Counts::rows);
      case Op.Multiply(Value a, Value b, Value out) ->
          graph
              .tasks()
              .task(
                  graph.items("multiply", counts -> counts.rows() * out.width()),
                  Elementwise::multiply,
                  context,
                  device.pass,
                  device.values,
                  place(a),
                  place(b),
                  place(out),
                  out.width());
      case Op.Add(Value a, Value b, Value out) ->
          graph
              .tasks()
              .task(
                  graph.items("add", counts -> counts.rows() * out.width()),
                  Elementwise::add,
                  context,
                  device.pass,
                  device.values,
                  place(a),
                  place(b),
                  place(out),
                  out.width());
      case Op.Embed embed -> throw new IllegalStateException("not in a layer: " + embed);
    }
  }

  private void norm(Graph graph, Op.LayerNorm op, int in, int rows, ToIntFunction<Counts> count) {
    norm(graph, in, op.scale(), op.bias(), op.out(), 1, Op.LayerNorm.EPSILON, rows, count);
  }

  private void norm(
      Graph graph,
      int in,
      Weight scale,
      Weight bias,
      Value out,
      int groups,
      float epsilon,
      int rows,
      ToIntFunction<Counts> count) {
    graph
        .tasks()
        .task(
            graph.groups("norm", GroupNorm.ITEMS, counts -> count.applyAsInt(counts) * groups),
            GroupNorm::normalizeRows,
            context,
            device.pass,
            rows,
            device.layer,
            device.values,
            in,
            device.vectors,
            device.vectorPlaces.place(scale),
            device.vectorPlaces.place(bias),
            device.vectorPlaces.stride(scale),
            place(out),
            out.width(),
            groups,
            epsilon);
  }

  private void shift(Graph graph, Op.TokenShift op) {
    int width = op.out().width();
    graph
        .tasks()
        .task(
            graph.items("shift", counts -> counts.parts() * width),
            TokenShift::shift,
            context,
            device.pass,
            device.layer,
            device.values,
            place(op.in()),
            place(op.out()),
            switch (op.slot()) {
              case ATT -> device.attShifts;
              case FFN -> device.ffnShifts;
            },
            device.config.layers(),
            width);
  }

  private void lerp(Graph graph, Op.Lerp op) {
    int width = op.out().width();
    graph
        .tasks()
        .task(
            graph.items("lerp", counts -> counts.rows() * width),
            Lerp::lerp,
            context,
            device.pass,
            device.layer,
            device.values,
            place(op.from()),
            place(op.to()),
            device.vectors,
            device.vectorPlaces.place(op.amount()),
            device.vectorPlaces.stride(op.amount()),
            place(op.out()),
            width);
  }

  private void ddLerp(Graph graph, Op.DdLerp op, Chunk chunk) {
    int width = op.from().width();
    Weight amounts = op.amounts().getFirst();
    graph
        .tasks()
        .task(
            graph.items("ddlerp", counts -> counts.rows() * DdLerp.LERPS * width),
            DdLerp::mixRows,
            context,
            device.pass,
            device.layer,
            chunk.first(),
            device.values,
            place(op.from()),
            place(op.to()),
            place(op.lora()),
            ((Matrices.F32) chunk.matrices().get(op.up())).weights(),
            device.vectors,
            device.vectorPlaces.place(amounts),
            device.vectorPlaces.stride(amounts),
            place(op.outs().getFirst()),
            width,
            op.lora().width() / DdLerp.LERPS);
  }

  private void product(Graph graph, Op.MatMul op, Chunk chunk, boolean oneRow) {
    Product product =
        new Product(
            chunk.matrices().get(op.weight()),
            chunk.first(),
            place(op.in()),
            place(op.out()),
            op.in().width(),
            op.out().width(),
            op.out().width(),
            activation(op.activation()));
    if (oneRow) {
      oneRow(graph, product);
    } else {
      manyRows(graph, product, Pass.ROWS, Counts::rows);
    }
  }

  /**
   * A matrix product.
   *
   * @param layer the layer of the first matrix
   * @param x where the activations are
   * @param y where the results go
   * @param stride how far apart the results of two rows are
   */
  private record Product(
      Matrices matrices, int layer, int x, int y, int ins, int outs, int stride, int activation) {}

  private void oneRow(Graph graph, Product of) {
    int groups = Math.ceilDiv(of.outs, MatVec.ROWS);
    switch (of.matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvec", MatVec.ITEMS, _ -> groups),
                  MatVec::product,
                  context,
                  device.layer,
                  of.layer,
                  device.values,
                  of.x,
                  weights,
                  of.y,
                  of.ins,
                  of.outs,
                  of.activation);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvecq8_", MatVecQ8.ITEMS, _ -> groups),
                  MatVecQ8::product,
                  context,
                  device.layer,
                  of.layer,
                  device.values,
                  of.x,
                  weights,
                  scales,
                  of.y,
                  of.ins,
                  of.outs,
                  of.activation);
    }
  }

  private void manyRows(Graph graph, Product of, int rows, ToIntFunction<Counts> count) {
    ToIntFunction<Counts> groups =
        counts ->
            Math.ceilDiv(count.applyAsInt(counts), MatMul.TOKENS)
                * Math.ceilDiv(of.outs, MatMul.OUTS);
    switch (of.matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmul", MatMul.ITEMS, groups),
                  MatMul::product,
                  context,
                  device.pass,
                  rows,
                  device.layer,
                  of.layer,
                  device.values,
                  of.x,
                  weights,
                  of.y,
                  of.ins,
                  of.outs,
                  of.stride,
                  of.activation);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmulq8_", MatMulQ8.ITEMS, groups),
                  MatMulQ8::product,
                  context,
                  device.pass,
                  rows,
                  device.layer,
                  of.layer,
                  device.values,
                  of.x,
                  weights,
                  scales,
                  of.y,
                  of.ins,
                  of.outs,
                  of.stride,
                  of.activation);
    }
  }

  private void fixedDecay(Graph graph, Op.FixedDecay op) {
    int width = op.out().width();
    graph
        .tasks()
        .task(
            graph.items("decay", counts -> counts.rows() * width),
            Decay::fixed,
            context,
            device.pass,
            device.layer,
            device.values,
            device.vectors,
            device.vectorPlaces.place(op.base()),
            device.vectorPlaces.stride(op.base()),
            place(op.out()),
            width);
  }

  private void decay(Graph graph, Op.Decay op) {
    int width = op.out().width();
    graph
        .tasks()
        .task(
            graph.items("decay", counts -> counts.rows() * width),
            Decay::ofToken,
            context,
            device.pass,
            device.layer,
            device.values,
            place(op.in()),
            device.vectors,
            device.vectorPlaces.place(op.base()),
            device.vectorPlaces.stride(op.base()),
            place(op.out()),
            width);
  }

  private void wkv(Graph graph, Op.Wkv op) {
    int heads = device.config.heads();
    int n = device.config.headSize();
    if (n <= Wkv.MOST_IN_GROUP) {
      graph
          .tasks()
          .task(
              graph.groups("wkv", n, counts -> counts.parts() * heads),
              Wkv::inGroups,
              context,
              device.pass,
              device.layer,
              device.values,
              place(op.receptance()),
              place(op.key()),
              place(op.value()),
              place(op.decay()),
              device.vectors,
              device.vectorPlaces.place(op.bonus()),
              device.vectorPlaces.stride(op.bonus()),
              device.states,
              place(op.out()),
              device.config.layers(),
              heads,
              n);
    } else {
      graph
          .tasks()
          .task(
              graph.items("wkv", counts -> counts.parts() * heads * n),
              Wkv::plain,
              context,
              device.pass,
              device.layer,
              device.values,
              place(op.receptance()),
              place(op.key()),
              place(op.value()),
              place(op.decay()),
              device.vectors,
              device.vectorPlaces.place(op.bonus()),
              device.vectorPlaces.stride(op.bonus()),
              device.states,
              place(op.out()),
              device.config.layers(),
              heads,
              n);
    }
  }

  /** From what the last layer gives to logits, for the wanted rows, and the greatest of them. */
  private Graph end(String name, boolean oneRow) {
    Graph graph = new Graph(name, scheduler);
    int width = device.config.width();
    int kept = device.keptRows;
    graph
        .tasks()
        .task(
            graph.items("keep", counts -> counts.wanted() * width),
            WantedRows::keep,
            context,
            device.pass,
            device.values,
            place(device.program.hidden()),
            kept,
            width);
    for (Op op : device.program.end()) {
      switch (op) {
        case Op.LayerNorm norm -> norm(graph, norm, kept, Pass.WANTED, Counts::wanted);
        case Op.MatMul product -> head(graph, product, oneRow);
        default -> throw new IllegalStateException("not at a program's end: " + op);
      }
    }
    graph
        .tasks()
        .task(
            graph.groups("argmax", Argmax.ITEMS, Counts::wanted),
            Argmax::find,
            context,
            device.values,
            place(device.program.logits()),
            device.best,
            device.config.vocabulary())
        .transferToHost(DataTransferMode.EVERY_EXECUTION, device.best);
    return graph;
  }

  /** The head's rows are in one or several arrays. */
  private void head(Graph graph, Op.MatMul op, boolean oneRow) {
    for (Slice slice : device.head) {
      Product product =
          new Product(
              slice.rows(),
              device.config.layers(),
              place(op.in()),
              place(op.out()) + slice.first(),
              op.in().width(),
              slice.count(),
              op.out().width(),
              activation(op.activation()));
      if (oneRow) {
        oneRow(graph, product);
      } else {
        manyRows(graph, product, Pass.WANTED, Counts::wanted);
      }
    }
  }

  private int place(Value value) {
    return device.places.of(value);
  }

  private static int activation(Activation activation) {
    return switch (activation) {
      case NONE -> Activations.NONE;
      case TANH -> Activations.TANH;
      case SIGMOID -> Activations.SIGMOID;
      case SILU -> Activations.SILU;
      case SQUARED_RELU -> Activations.SQUARED_RELU;
    };
  }
}
