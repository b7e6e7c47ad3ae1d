package aviary.tornado;

import aviary.tornado.LaunchTasks.Rows;
import aviary.tornado.kernels.Transpose;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds products to graphs. */
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
    ProductKernel kernel = new ProductKernel(device.traits.form(), !one, weights.matrices());
    if (kernel.many()) {
      transpose(graph, products, table, rows);
    }
    kernel.addTo(
        graph.tasks(),
        grid(graph, kernel, products.tiles(), rows),
        context,
        new ProductKernel.Arguments(
            device.pass,
            device.layer,
            table,
            device.traits.inText(products.columns()),
            device.tiles,
            device.values,
            device.vectors));
  }

  /** Announces the task: a group a tile, or a work item a tile and as many rows as it takes. */
  private static String grid(Graph graph, ProductKernel kernel, int tiles, Rows rows) {
    return switch (kernel.form()) {
      case GROUPS -> graph.groups(kernel.name(), kernel.items(), _ -> tiles);
      case PLAIN ->
          graph.fewItems(
              kernel.name(),
              counts -> tiles * Math.ceilDiv(rows.count.applyAsInt(counts), kernel.rows()));
    };
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
}
