package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.annotations.Parallel;
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

  /** What the device can do. */
  static DeviceTraits traits() {
    return DeviceTraits.of(TornadoDevices.find(DEVICE));
  }

  /** Skips a test where kernels cannot have 16-bit floats. */
  static void assumeHalves() {
    assumeTrue(traits().halves(), "the device %s has no 16-bit floats".formatted(DEVICE));
  }

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
  private final TaskGrids grids = new TaskGrids();
  private final Optional<Graph> first;
  private final Graph graph;
  private final DevicePlan plan;

  /**
   * @param items the work items of a group
   * @param kernel the kernel
   * @param arrays all arrays that it gets, each once; all go to the device and come back
   */
  OneKernel(int items, Kernel kernel, Object... arrays) {
    this(Optional.empty(), items, kernel, arrays);
  }

  /**
   * A kernel that only writes an array. TornadoVM would not bring that to the device, and what the
   * kernel leaves alone would come back as anything; so another kernel takes it there before.
   *
   * @param written one of the arrays
   */
  static OneKernel ofWriter(FloatArray written, int items, Kernel kernel, Object... arrays) {
    return new OneKernel(Optional.of(written), items, kernel, arrays);
  }

  private OneKernel(Optional<FloatArray> written, int items, Kernel kernel, Object... arrays) {
    first = written.map(this::bring);
    graph = grids.making(DEVICE, () -> graph(items, kernel, written, arrays));
    List<Graph> graphs = Stream.concat(first.stream(), Stream.of(graph)).toList();
    plan = new DevicePlan(DEVICE, TornadoDevices.find(DEVICE), grids, graphs, cost);
    plan.profile();
  }

  private Graph bring(FloatArray array) {
    Graph bring = new Graph("bring", grids, 1);
    IntArray layer = RandomArrays.one(0);
    bring
        .tasks()
        .transferToDevice(DataTransferMode.EVERY_EXECUTION, layer, array)
        .task(bring.items("touch", _ -> 1), OneKernel::take, layer, array)
        .persistOnDevice(array);
    return bring;
  }

  /** A kernel that changes nothing; the layer is never negative, but the compiler does not know. */
  private static void take(IntArray layer, FloatArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        array.set(0, array.get(0) + 1.0f);
      }
    }
  }

  private Graph graph(int items, Kernel kernel, Optional<FloatArray> written, Object... arrays) {
    Graph test = new Graph("test", grids, 1);
    Object[] others =
        Arrays.stream(arrays)
            .filter(array -> written.stream().noneMatch(w -> w == array))
            .toArray();
    test.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, others);
    written.ifPresent(array -> test.tasks().consumeFromDevice("bring", array));
    String name = test.groups("kernel", items, Counts::rows);
    kernel.addTo(test.tasks(), name, new KernelContext());
    test.tasks().transferToHost(DataTransferMode.EVERY_EXECUTION, arrays);
    return test;
  }

  /** Runs so many groups, and fails unless the device was at work. */
  void run(int groups) {
    first.ifPresent(bring -> plan.execute(bring, new Counts(1, 1, 1)));
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
