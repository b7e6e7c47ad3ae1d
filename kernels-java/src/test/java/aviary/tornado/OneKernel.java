package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/**
 * One kernel on the first device, as an engine would run it. It runs as often as one likes with
 * other contents of the same arrays; its other arguments stay.
 */
final class OneKernel implements AutoCloseable {

  /** The device that tests run on. */
  static final String DEVICE = "tornado:0:0";

  /** Makes the kernel a task. */
  interface Kernel {

    /**
     * Calls {@link TaskGraph#task} once.
     *
     * @param name the task's name
     */
    void addTo(TaskGraph tasks, String name, KernelContext context);
  }

  private final DeviceCost cost = new DeviceCost();
  private final Graph graph;
  private final DevicePlan plan;

  /**
   * @param items the work items of a group
   * @param kernel the kernel
   * @param arrays all arrays that it gets, each once; all go to the device and come back
   */
  OneKernel(int items, Kernel kernel, Object... arrays) {
    TaskGrids grids = new TaskGrids();
    graph = grids.making(DEVICE, () -> graph(grids, items, kernel, arrays));
    plan = new DevicePlan(DEVICE, TornadoDevices.find(DEVICE), grids, List.of(graph), cost);
    plan.profile();
  }

  private static Graph graph(TaskGrids grids, int items, Kernel kernel, Object... arrays) {
    Graph graph = new Graph("test", grids);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, arrays);
    String name = graph.groups("kernel", items, Counts::rows);
    kernel.addTo(graph.tasks(), name, new KernelContext());
    graph.tasks().transferToHost(DataTransferMode.EVERY_EXECUTION, arrays);
    return graph;
  }

  /** Runs so many groups, and fails unless the device was at work. */
  void run(int groups) {
    long before = cost.kernelTime();
    plan.execute(graph, new Counts(groups, 1, 1));
    assertTrue(cost.kernelTime() > before, "no time was spent on the device");
  }

  /** Runs a kernel once. */
  static void run(int items, int groups, Kernel kernel, Object... arrays) {
    try (OneKernel one = new OneKernel(items, kernel, arrays)) {
      one.run(groups);
    }
  }

  @Override
  public void close() {
    plan.close();
  }
}
