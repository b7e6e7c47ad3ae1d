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
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Adds products to graphs: one row of activations and many have different kernels, and so have the
 * kinds of weights, as TornadoVM compiles a kernel for the types of its arguments.
 */
final class ProductTasks {
  private final DeviceModel device;
  private final KernelContext context;
  private final LaunchTables tables;

  ProductTasks(DeviceModel device, KernelContext context, LaunchTables tables) {
    this.device = device;
    this.context = context;
    this.tables = tables;
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
    IntArray table = tables.of(products, rows, weights.first());
    boolean groups = device.traits.form() == Form.GROUPS;
    if (one) {
      if (groups) {
        oneInGroups(graph, products, table, weights.matrices());
      } else {
        onePlain(graph, products, table, weights.matrices());
      }
      return;
    }
    transpose(graph, products, table, rows);
    if (groups) {
      manyInGroups(graph, products, table, weights.matrices());
    } else {
      manyPlain(graph, products, table, weights.matrices(), rows);
    }
  }

  private void transpose(Graph graph, Launch.Products products, IntArray table, Rows rows) {
    int sources = device.program.tables.entry(products).sources();
    int pieces = sources * Math.ceilDiv(products.columns(), Transpose.COLUMNS);
    graph
        .tasks()
        .task(
            graph.items("transpose", counts -> rows.count.applyAsInt(counts) * pieces),
            Transpose::activations,
            device.pass,
            table,
            device.tiles,
            device.sources,
            device.values);
  }

  private void oneInGroups(
      Graph graph, Launch.Products products, IntArray table, Matrices matrices) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvec", MatVec.ITEMS, _ -> products.tiles()),
                  MatVec::inGroups,
                  context,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvecf16_", MatVecF16.ITEMS, _ -> products.tiles()),
                  MatVecF16::inGroups,
                  context,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matvecq8_", MatVecQ8.ITEMS, _ -> products.tiles()),
                  MatVecQ8::inGroups,
                  context,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights,
                  scales);
    }
  }

  private void onePlain(Graph graph, Launch.Products products, IntArray table, Matrices matrices) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvec", _ -> products.tiles()),
                  MatVec::plain,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvecf16_", _ -> products.tiles()),
                  MatVecF16::plain,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matvecq8_", _ -> products.tiles()),
                  MatVecQ8::plain,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights,
                  scales);
    }
  }

  private void manyInGroups(
      Graph graph, Launch.Products products, IntArray table, Matrices matrices) {
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmul", MatMul.ITEMS, _ -> products.tiles()),
                  MatMul::inGroups,
                  context,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmulf16_", MatMulF16.ITEMS, _ -> products.tiles()),
                  MatMulF16::inGroups,
                  context,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.groups("matmulq8_", MatMulQ8.ITEMS, _ -> products.tiles()),
                  MatMulQ8::inGroups,
                  context,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights,
                  scales);
    }
  }

  private void manyPlain(
      Graph graph, Launch.Products products, IntArray table, Matrices matrices, Rows rows) {
    ToIntFunction<Counts> items =
        counts -> products.tiles() * Math.ceilDiv(rows.count.applyAsInt(counts), MatMul.ROWS);
    switch (matrices) {
      case Matrices.F32(FloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmul", items),
                  MatMul::plain,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.F16(HalfFloatArray weights) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmulf16_", items),
                  MatMulF16::plain,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights);
      case Matrices.Q8(Int8Array weights, FloatArray scales) ->
          graph
              .tasks()
              .task(
                  graph.fewItems("matmulq8_", items),
                  MatMulQ8::plain,
                  device.pass,
                  device.layer,
                  table,
                  device.traits.inText(products.columns()),
                  device.tiles,
                  device.values,
                  device.vectors,
                  weights,
                  scales);
    }
  }
}
