package aviary.tornado;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.LaunchTasks.Rows;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatMulF16;
import aviary.tornado.kernels.MatMulQ8;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.MatVecF16;
import aviary.tornado.kernels.MatVecQ8;
import aviary.tornado.kernels.Transpose;
import java.util.function.ToIntFunction;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/**
 * Adds products to graphs: one row of activations and many have different kernels, and so have the
 * kinds of weights, as TornadoVM compiles a kernel for the types of its arguments.
 */
final class ProductTasks {
  private final DeviceModel device;
  private final KernelContext context;

  ProductTasks(DeviceModel device, KernelContext context) {
    this.device = device;
    this.context = context;
  }

  /**
   * The weights of products.
   *
   * @param matrices of several layers
   * @param first the first of these layers
   */
  record Weights(Matrices matrices, int first) {}

  /** Adds products for all of the rows, or for one. */
  void add(Graph graph, Launch.Products products, Rows rows, boolean one, Weights weights) {
    ProductTables.Entry entry = device.program.tables.entry(products);
    Place place = new Place(entry.tile(), products.tiles(), weights.first(), products.columns());
    boolean groups = device.traits.form() == Form.GROUPS;
    if (one) {
      if (groups) {
        oneInGroups(graph, place, weights.matrices());
      } else {
        onePlain(graph, place, weights.matrices());
      }
      return;
    }
    transpose(graph, entry, products.columns(), rows);
    if (groups) {
      manyInGroups(graph, place, weights.matrices(), rows);
    } else {
      manyPlain(graph, place, weights.matrices(), rows);
    }
  }

  /**
   * Where products are.
   *
   * @param begin their first tile
   * @param count how many tiles a layer has
   * @param first the layer of the first weights
   */
  private record Place(int begin, int count, int first, int columns) {}

  private void transpose(Graph graph, ProductTables.Entry entry, int columns, Rows rows) {
    int pieces = entry.sources() * Math.ceilDiv(columns, Transpose.COLUMNS);
    graph
        .tasks()
        .task(
            graph.items("transpose", counts -> rows.count.applyAsInt(counts) * pieces),
            Transpose::activations,
            device.pass,
            rows.place,
            device.tiles,
            device.sources,
            entry.source(),
            entry.sources(),
            device.values,
            columns);
  }

  private void oneInGroups(Graph graph, Place place, Matrices matrices) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvec", MatVec.ITEMS, _ -> place.count),
                  MatVec::inGroups,
                  context,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvecf16_", MatVecF16.ITEMS, _ -> place.count),
                  MatVecF16::inGroups,
                  context,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvecq8_", MatVecQ8.ITEMS, _ -> place.count),
                  MatVecQ8::inGroups,
                  context,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  scales,
                  place.columns);
    }
  }

  private void onePlain(Graph graph, Place place, Matrices matrices) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvec", _ -> place.count),
                  MatVec::plain,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvecf16_", _ -> place.count),
                  MatVecF16::plain,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvecq8_", _ -> place.count),
                  MatVecQ8::plain,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  scales,
                  place.columns);
    }
  }

  private void manyInGroups(Graph graph, Place place, Matrices matrices, Rows rows) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmul", MatMul.ITEMS, _ -> place.count),
                  MatMul::inGroups,
                  context,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmulf16_", MatMulF16.ITEMS, _ -> place.count),
                  MatMulF16::inGroups,
                  context,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmulq8_", MatMulQ8.ITEMS, _ -> place.count),
                  MatMulQ8::inGroups,
                  context,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  scales,
                  place.columns);
    }
  }

  private void manyPlain(Graph graph, Place place, Matrices matrices, Rows rows) {
    ToIntFunction<Counts> items =
        counts -> place.count * Math.ceilDiv(rows.count.applyAsInt(counts), MatMul.ROWS);
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmul", items),
                  MatMul::plain,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmulf16_", items),
                  MatMulF16::plain,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  place.columns);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmulq8_", items),
                  MatMulQ8::plain,
                  device.pass,
                  rows.place,
                  device.layer,
                  place.first,
                  device.tiles,
                  place.begin,
                  place.count,
                  device.values,
                  device.vectors,
                  weights,
                  scales,
                  place.columns);
    }
  }
}
