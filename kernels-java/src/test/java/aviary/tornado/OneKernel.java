package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.tornado.kernels.Touch;
import java.util.List;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One kernel on the first device, as an engine would run it. It runs as often as one likes with
 * other contents of the same arrays; its other arguments stay.
 */
final class OneKernel implements AutoCloseable {

  /** The device that tests run on: the first, if the build does not name another. */
  static final String DEVICE = System.getProperty("aviary.test.device", "tornado:0:0");

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
  private final Graph bring;
  private final Graph graph;
  private final DevicePlan plan;

  /**
   * @param items the work items of a group
   * @param kernel the kernel
   * @param arrays all arrays that it gets, each once; all go to the device and come back
   */
  OneKernel(int items, Kernel kernel, Object... arrays) {
    TaskGrids grids = new TaskGrids();
    FloatArray[] floats =
        Stream.of(arrays)
            .filter(FloatArray.class::isInstance)
            .map(FloatArray.class::cast)
            .toArray(FloatArray[]::new);
    bring = grids.making(DEVICE, () -> bring(grids, floats));
    graph = grids.making(DEVICE, () -> graph(grids, items, kernel, floats, arrays));
    plan = new DevicePlan(DEVICE, TornadoDevices.find(DEVICE), grids, List.of(bring, graph), cost);
    plan.profile();
  }

  /**
   * Brings floats to the device. TornadoVM does not do so by itself for an array that the kernel
   * only writes to, and what it leaves alone would come back as anything.
   */
  private static Graph bring(TaskGrids grids, FloatArray[] floats) {
    Graph graph = new Graph("bring", grids, 1);
    IntArray layer = RandomArrays.one(0);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, layer);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, (Object[]) floats);
    for (FloatArray array : floats) {
      graph.tasks().task(graph.items("touch", _ -> 1), Touch::floats, layer, array);
    }
    graph.tasks().persistOnDevice((Object[]) floats);
    return graph;
  }

  private static Graph graph(
      TaskGrids grids, int items, Kernel kernel, FloatArray[] floats, Object... arrays) {
    Graph graph = new Graph("test", grids, 1);
    Object[] others = Stream.of(arrays).filter(array -> !(array instanceof FloatArray)).toArray();
    if (others.length > 0) {
      graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, others);
    }
    graph.tasks().consumeFromDevice("bring", (Object[]) floats);
    String name = graph.groups("kernel", items, Counts::rows);
    kernel.addTo(graph.tasks(), name, new KernelContext());
    graph.tasks().transferToHost(DataTransferMode.EVERY_EXECUTION, arrays);
    return graph;
  }

  /** Runs so many groups, and fails unless the device was at work. */
  void run(int groups) {
    plan.execute(bring, new Counts(1, 1, 1));
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
