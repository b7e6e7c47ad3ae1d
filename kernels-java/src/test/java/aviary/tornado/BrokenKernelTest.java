package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.DeviceException;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that TornadoVM refuses, each in its way, are errors that name device and kernel. */
class BrokenKernelTest {
  private final IntArray sizes = RandomArrays.one(3);
  private final FloatArray numbers = FloatArray.fromElements(1, 2, 3);

  /** A kernel that is all right. */
  public static void twice(KernelContext context, IntArray sizes, FloatArray numbers) {
    if (context.globalIdx < sizes.get(0)) {
      numbers.set(context.globalIdx, 2.0f * numbers.get(context.globalIdx));
    }
  }

  /** Java allocates arrays of any size; no device does. */
  public static void allocating(KernelContext context, IntArray sizes, FloatArray numbers) {
    float[] own = new float[sizes.get(0)];
    for (int i = 0; i < sizes.get(0); i++) {
      own[i] = numbers.get(i);
    }
    if (context.globalIdx == 0) {
      numbers.set(0, own[sizes.get(0) - 1]);
    }
  }

  /** Its name is a word of OpenCL. */
  public static void local(KernelContext context, IntArray sizes, FloatArray numbers) {
    numbers.set(0, sizes.get(0));
  }

  @Test
  void aKernelThatDoesNotCompileIsNotRunAsJava() {
    DeviceException e =
        assertThrows(
            DeviceException.class,
            () ->
                OneKernel.run(
                    1,
                    1,
                    (tasks, name, context) ->
                        tasks.task(name, BrokenKernelTest::allocating, context, sizes, numbers),
                    sizes,
                    numbers));
    assertEquals(
        "device "
            + OneKernel.DEVICE
            + ": kernel test.kernel0 failed: unimplemented: dynamically sized array"
            + " declarations are not supported",
        e.getMessage());
    assertArrayEquals(new float[] {1, 2, 3}, RandomArrays.copy(numbers));
  }

  @Test
  void aKernelThatIsRefusedAtOnceIsNamed() {
    DeviceException e =
        assertThrows(
            DeviceException.class,
            () ->
                OneKernel.run(
                    1,
                    1,
                    (tasks, name, context) ->
                        tasks.task(name, BrokenKernelTest::local, context, sizes, numbers),
                    sizes,
                    numbers));
    assertTrue(
        e.getMessage().matches("device tornado:\\d:\\d: kernel test.kernel0 failed: .*: local"),
        e.getMessage());
  }

  @Test
  void theOneOfAGraphsKernelsThatFailedIsNamed() {
    TaskGrids grids = new TaskGrids();
    KernelContext context = new KernelContext();
    Graph graph = new Graph("one0", grids, 4);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, sizes, numbers);
    graph
        .tasks()
        .task(graph.items("first", _ -> 1), BrokenKernelTest::twice, context, sizes, numbers)
        .task(graph.items("second", _ -> 1), BrokenKernelTest::allocating, context, sizes, numbers)
        .task(graph.items("third", _ -> 1), BrokenKernelTest::twice, context, sizes, numbers)
        .transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
    try (DevicePlan plan = plan(grids, graph)) {
      DeviceException e =
          assertThrows(DeviceException.class, () -> plan.execute(graph, new Counts(1, 1, 1)));
      assertTrue(
          e.getMessage()
              .startsWith("device " + OneKernel.DEVICE + ": kernel one0.second1 failed: "),
          e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void otherGraphsOfThePlanStillRun() {
    TaskGrids grids = new TaskGrids();
    KernelContext context = new KernelContext();
    Graph broken = new Graph("broken", grids, 4);
    broken.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, sizes, numbers);
    broken
        .tasks()
        .task(broken.items("it", _ -> 1), BrokenKernelTest::allocating, context, sizes, numbers)
        .transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
    Graph sound = new Graph("sound", grids, 4);
    sound.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, sizes, numbers);
    sound
        .tasks()
        .task(sound.items("it", _ -> 1), BrokenKernelTest::twice, context, sizes, numbers)
        .transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
    try (DevicePlan plan = plan(grids, sound, broken)) {
      assertThrows(DeviceException.class, () -> plan.execute(broken, new Counts(1, 1, 1)));
      plan.execute(sound, new Counts(1, 1, 1));
      assertArrayEquals(new float[] {2, 4, 6}, RandomArrays.copy(numbers));
    }
  }

  /** TornadoVM's words for a kernel that the driver refuses, which no device here does. */
  @Test
  void whatTheDriverSaysIsNotHiddenByWhatTornadoVmSaysFirst() {
    TaskGrids grids = new TaskGrids();
    grids.addWorkerGrid("put.put0", new WorkerGrid1D(1));
    DeviceException e =
        grids.failure(
            "tornado:0:1",
            new TornadoBailoutRuntimeException(
                """
                Bailout is disabled.\s
                Reason: \u001b[31mUnable to compile task put.put0 - put
                The internal error is: \u001b[31mError during code compilation\u001b[0m
                Stacktrace: [OCLCodeCache.java:613]
                """));
    assertEquals(
        "device tornado:0:1: kernel put.put0 failed: Error during code compilation",
        e.getMessage());
  }

  private static DevicePlan plan(TaskGrids grids, Graph... graphs) {
    return new DevicePlan(
        OneKernel.DEVICE,
        TornadoDevices.find(OneKernel.DEVICE),
        grids,
        List.of(graphs),
        new DeviceCost());
  }
}
