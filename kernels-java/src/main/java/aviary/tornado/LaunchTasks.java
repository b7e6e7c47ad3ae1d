package aviary.tornado;

import aviary.engine.Layers;
import aviary.model.Op;
import aviary.model.Op.TokenShift.Slot;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.kernels.Decay;
import aviary.tornado.kernels.Elementwise;
import aviary.tornado.kernels.Embedding;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.TokenShift;
import aviary.tornado.kernels.Wkv;
import java.util.function.ToIntFunction;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds launches to graphs, as tasks. */
final class LaunchTasks {
  private final DeviceModel device;
  private final Layers layers;
  private final KernelContext context;
  private final ProductTasks products;
  private final LaunchTables tables;

  LaunchTasks(DeviceModel device, KernelContext context) {
    this.device = device;
    this.context = context;
    layers = device.layers;
    tables = new LaunchTables(device);
    products = new ProductTasks(device, context, tables);
  }

  /** The rows that a launch works on: where their number is on the device, and the number. */
  enum Rows {
    /** All of a pass. */
    ALL(PassTable.ROWS, Counts::rows),
    /** Those whose logits are wanted. */
    WANTED(PassTable.WANTED, Counts::wanted);

    final int place;
    final ToIntFunction<Counts> count;

    Rows(int place, ToIntFunction<Counts> count) {
      this.place = place;
      this.count = count;
    }
  }

  /**
   * Adds a launch.
   *
   * @param rows what it works on
   * @param one whether that is one row
   * @param matrices where the weights of products are
   */
  void add(Graph graph, Launch launch, Rows rows, boolean one, ProductTasks.Weights matrices) {
    switch (launch) {
      case Launch.Embed(Op.Embed op) -> embed(graph, op);
      case Launch.Norm norm -> norm(graph, norm, rows);
      case Launch.Shift shift -> shift(graph, shift);
      case Launch.Products all -> products.add(graph, all, rows, one, matrices);
      case Launch.FixedDecay(Op.FixedDecay op) -> fixedDecay(graph, op);
      case Launch.Wkv(Op.Wkv op) -> wkv(graph, op);
      case Launch.Multiply(Op.Multiply op) -> multiply(graph, op);
      case Launch.Add(Op.Add op) -> sum(graph, op);
    }
  }

  private int place(Value value) {
    return device.program.places.of(value);
  }

  private int place(Weight weight) {
    return device.program.vectors.place(weight);
  }

  private int stride(Weight weight) {
    return device.program.vectors.stride(weight);
  }

  private static int stride(Value value) {
    return Places.stride(value.width());
  }

  private void embed(Graph graph, Op.Embed op) {
    int width = device.config.width();
    for (DeviceModel.Slice slice : device.embedding) {
      graph
          .tasks()
          .task(
              graph.items("embed", counts -> counts.rows() * width),
              Embedding::embed,
              device.pass,
              device.layer,
              slice.rows(),
              slice.first(),
              slice.count(),
              device.values,
              place(op.out()),
              width,
              stride(op.out()));
    }
  }

  private void norm(Graph graph, Launch.Norm norm, Rows rows) {
    IntArray table = tables.of(norm, rows);
    ToIntFunction<Counts> parts = counts -> rows.count.applyAsInt(counts) * norm.groups();
    switch (device.traits.form()) {
      case GROUPS ->
          graph
              .tasks()
              .task(
                  graph.groups("norm", GroupNorm.ITEMS, parts),
                  GroupNorm::inGroups,
                  context,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(norm.groups()),
                  device.traits.inText(norm.out().width() / norm.groups()),
                  device.values,
                  device.vectors);
      case PLAIN ->
          graph
              .tasks()
              .task(
                  graph.fewItems("norm", parts),
                  GroupNorm::plain,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(norm.groups()),
                  device.traits.inText(norm.out().width() / norm.groups()),
                  device.values,
                  device.vectors);
    }
  }

  private void shift(Graph graph, Launch.Shift shift) {
    int width = shift.shift().in().width();
    graph
        .tasks()
        .task(
            graph.items("shift", counts -> counts.parts() * width),
            TokenShift::shift,
            device.pass,
            device.layer,
            tables.of(shift),
            device.values,
            shifts(shift.shift().slot()),
            device.vectors);
  }

  private FloatArray shifts(Slot slot) {
    return switch (slot) {
      case ATT -> device.attShifts;
      case FFN -> device.ffnShifts;
    };
  }

  private void fixedDecay(Graph graph, Op.FixedDecay op) {
    int width = op.out().width();
    graph
        .tasks()
        .task(
            graph.items("decay", counts -> counts.rows() * width),
            Decay::fixed,
            device.pass,
            device.layer,
            device.values,
            device.vectors,
            place(op.base()),
            stride(op.base()),
            place(op.out()),
            width,
            stride(op.out()));
  }

  private void wkv(Graph graph, Op.Wkv op) {
    int heads = device.config.heads();
    int n = device.config.headSize();
    if (device.traits.form() == Form.GROUPS && n <= Wkv.MOST_IN_GROUP) {
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
              place(op.bonus()),
              stride(op.bonus()),
              device.states,
              place(op.out()),
              layers.count(),
              heads,
              n,
              stride(op.out()));
    } else {
      int blocks = Math.ceilDiv(n, Wkv.COLUMNS);
      graph
          .tasks()
          .task(
              graph.fewItems("wkv", counts -> counts.parts() * heads * blocks),
              Wkv::plain,
              device.pass,
              device.layer,
              device.values,
              place(op.receptance()),
              place(op.key()),
              place(op.value()),
              place(op.decay()),
              device.vectors,
              place(op.bonus()),
              stride(op.bonus()),
              device.states,
              place(op.out()),
              layers.count(),
              heads,
              n,
              stride(op.out()));
    }
  }

  private void multiply(Graph graph, Op.Multiply op) {
    int stride = stride(op.out());
    graph
        .tasks()
        .task(
            graph.items("multiply", counts -> counts.rows() * stride),
            Elementwise::multiply,
            device.pass,
            device.values,
            place(op.a()),
            place(op.b()),
            place(op.out()),
            stride);
  }

  private void sum(Graph graph, Op.Add op) {
    int stride = stride(op.out());
    graph
        .tasks()
        .task(
            graph.items("add", counts -> counts.rows() * stride),
            Elementwise::add,
            device.pass,
            device.values,
            place(op.a()),
            place(op.b()),
            place(op.out()),
            stride);
  }
}
