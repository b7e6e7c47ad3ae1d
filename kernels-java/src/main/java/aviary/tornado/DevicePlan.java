package aviary.tornado;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** Graphs on a device, which run one by one. */
final class DevicePlan implements AutoCloseable {

  /**
   * OpenCL's compiler may fuse products and sums. What TornadoVM asks for otherwise assumes that no
   * number is infinite or NaN, and takes native exponentials, whatever their error.
   */
  private static final String OPENCL_FLAGS = "-cl-mad-enable -w";

  /**
   * Held while a graph is compiled: PoCL 3.1 once refused a kernel, presumably because two devices
   * compiled it at the same time. TornadoVM's own part of compiling is one by one anyway.
   */
  private static final Lock COMPILING = new ReentrantLock();

  private final String id;
  private final TaskGrids grids;
  private final List<Graph> order;
  private DeviceCost cost;
  private final TornadoExecutionPlan plan;
  private final Set<Graph> compiled = new HashSet<>();
  private boolean profiled;
  private boolean closed;

  /**
   * @param id what the user calls the device
   * @param grids the grids of the graphs' tasks
   * @param cost counts the launches
   */
  DevicePlan(
      String id, TornadoDevice device, TaskGrids grids, List<Graph> graphs, DeviceCost cost) {
    this.id = id;
    this.grids = grids;
    this.cost = cost;
    order = List.copyOf(graphs);
    plan =
        new TornadoExecutionPlan(
            order.stream()
                .map(graph -> graph.tasks().snapshot())
                .toArray(ImmutableTaskGraph[]::new));
    plan.withDevice(device);
    plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
  }

  /** From now on the profiler measures what the device does. */
  void profile() {
    profiled = true;
  }

  /** From now on work is counted there. */
  void count(DeviceCost newCost) {
    cost = newCost;
  }

  /**
   * Runs a graph, and compiles it when it is run for the first time.
   *
   * @throws aviary.engine.DeviceException if TornadoVM cannot; it names the device and the kernel
   */
  void execute(Graph graph, Counts counts) {
    if (closed) {
      throw new IllegalStateException("the engine was closed");
    }
    graph.fit(counts);
    cost.launched(graph.launches());
    grids.begin(graph.tasks().getTaskGraphName());
    TornadoExecutionResult result = compiled.contains(graph) ? run(graph) : compileAndRun(graph);
    if (profiled) {
      TornadoProfilerResult profile = result.getProfilerResult();
      cost.measured(
          profile.getDeviceKernelTime(),
          profile.getTotalBytesCopyIn(),
          profile.getTotalBytesCopyOut());
      cost.spent(
          profile.getCompileTime(), profile.getDeviceWriteTime() + profile.getDeviceReadTime());
    }
  }

  private TornadoExecutionResult compileAndRun(Graph graph) {
    COMPILING.lock();
    try {
      TornadoExecutionResult result = run(graph);
      compiled.add(graph);
      return result;
    } finally {
      COMPILING.unlock();
    }
  }

  private TornadoExecutionResult run(Graph graph) {
    try {
      TornadoExecutionPlan one = plan.withGraph(order.indexOf(graph)).withGridScheduler(grids);
      return (profiled ? one.withProfiler(ProfilerMode.SILENT) : one).execute();
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // TornadoVM and its compiler throw both.
      throw grids.failure(id, e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      plan.freeDeviceMemory();
      try {
        plan.close();
      } catch (TornadoExecutionPlanException e) {
        throw new IllegalStateException("TornadoVM could not free the device's memory", e);
      }
    }
  }
}
