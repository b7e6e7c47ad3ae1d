package aviary.tornado;

import aviary.engine.DeviceException;
import java.util.List;
import java.util.function.Supplier;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInliningException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/**
 * The grids of tasks. It knows which task TornadoVM was at when something fails, which not every
 * exception tells: a task's grid is announced before the task is made, and TornadoVM asks for it
 * before it compiles and launches the task.
 */
final class TaskGrids extends GridScheduler {

  /** Where TornadoVM says why, in lines behind one that only says that it does not go on. */
  private static final List<String> MARKS = List.of("Reason: ", "The internal error is: ");

  private String last = "";

  @Override
  public void addWorkerGrid(String task, WorkerGrid grid) {
    last = task;
    super.addWorkerGrid(task, grid);
  }

  /** A graph is about to run. What fails before it asks for a grid is no single kernel's fault. */
  void begin(String graph) {
    last = "of graph " + graph;
  }

  @Override
  public WorkerGrid get(String task) {
    last = task;
    return super.get(task);
  }

  /**
   * Makes graphs of tasks, whose kernels TornadoVM looks at there and then.
   *
   * @param device what the user calls the device that they are for
   * @throws DeviceException if it refuses one; it names the device and the task
   */
  <T> T making(String device, Supplier<T> graphs) {
    try {
      return graphs.get();
    } catch (TornadoRuntimeException
        | TornadoBailoutRuntimeException
        | TornadoInliningException
        | TornadoInternalError e) {
      throw failure(device, e);
    }
  }

  /** What is to be said when TornadoVM throws {@code cause}: a line, without colours. */
  DeviceException failure(String device, Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String plain = message.replaceAll("\u001b\\[[0-9;]*m", "").strip();
    return new DeviceException(
        "device %s: kernel %s failed: %s".formatted(device, last, reason(plain)), cause);
  }

  /** The line that tells most: the last of those that TornadoVM marks, or the first of all. */
  private static String reason(String message) {
    String reason = message.lines().findFirst().orElse("no reason given");
    for (String line : message.lines().toList()) {
      for (String mark : MARKS) {
        if (line.startsWith(mark)) {
          reason = line.substring(mark.length());
        }
      }
    }
    return reason.strip();
  }
}
