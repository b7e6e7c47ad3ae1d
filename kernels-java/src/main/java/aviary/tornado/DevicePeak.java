package aviary.tornado;

import aviary.engine.DeviceLimits;
import aviary.tornado.kernels.Peak;
import java.util.List;
import java.util.function.Consumer;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Measures how fast a device reads its memory, and how fast it multiplies and adds. */
final class DevicePeak {

  /** Far more than any cache has: 512 MB. */
  private static final int READERS = (1 << 27) / Peak.NUMBERS;

  private static final int MULTIPLIERS = 1 << 10;

  private static final int ROUNDS = 5;

  private final String id;
  private final TornadoDevice device;

  DevicePeak(String id, TornadoDevice device) {
    this.id = id;
    this.device = device;
  }

  DeviceLimits measure() {
    // No more than a part of a small device.
    long numbers =
        Math.min((long) READERS * Peak.NUMBERS, device.getMaxAllocMemory() / 2 / Float.BYTES);
    int readers = Math.toIntExact(Math.max(1, numbers / Peak.NUMBERS));
    FloatArray memory = new FloatArray(readers * Peak.NUMBERS);
    memory.init(1);
    FloatArray readSums = new FloatArray(readers * Peak.READ_SUMS);
    IntArray readItems = IntArray.fromElements(readers);
    double read =
        seconds(
            readers,
            graph ->
                graph
                    .tasks()
                    .task(
                        graph.fewItems("read", Counts::rows),
                        Peak::read,
                        readItems,
                        memory,
                        readSums),
            readItems,
            memory,
            readSums);
    int multipliers = MULTIPLIERS;
    FloatArray factors = FloatArray.fromElements(0.999f, 0.001f);
    FloatArray sums = new FloatArray(multipliers * Peak.SUMS);
    IntArray items = IntArray.fromElements(multipliers);
    double multiplied =
        seconds(
            multipliers,
            graph ->
                graph
                    .tasks()
                    .task(
                        graph.fewItems("multiply", Counts::rows),
                        Peak::multiply,
                        items,
                        factors,
                        sums),
            items,
            factors,
            sums);
    return new DeviceLimits(
        memory.getNumBytesOfSegment() / read,
        2.0 * multipliers * Peak.SUMS * Peak.STEPS / multiplied);
  }

  /**
   * Whether these kernels find a device's limit. They are plain ones; a GPU would need others, and
   * was not there to try them.
   */
  boolean isKnown() {
    return DeviceTraits.of(device).form() == DeviceTraits.Form.PLAIN;
  }

  /** What the kernel took in its best round, by the profiler. */
  private double seconds(int items, Consumer<Graph> kernel, Object... arrays) {
    TaskGrids grids = new TaskGrids();
    DeviceCost cost = new DeviceCost();
    Graph graph =
        grids.making(
            id,
            () -> {
              Graph made = new Graph("peak", grids, DeviceTraits.of(device).few());
              made.tasks().transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays);
              kernel.accept(made);
              made.tasks().transferToHost(DataTransferMode.UNDER_DEMAND, arrays[arrays.length - 1]);
              return made;
            });
    try (DevicePlan plan = new DevicePlan(id, device, grids, List.of(graph), cost)) {
      plan.profile();
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < ROUNDS; round++) {
        long before = cost.kernelTime();
        plan.execute(graph, new Counts(items, 1, 1));
        best = Math.min(best, (cost.kernelTime() - before) / 1e9);
      }
      return best;
    }
  }
}
