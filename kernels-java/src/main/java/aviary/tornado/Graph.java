package aviary.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/**
 * A task graph in the making, with the grid of each task: how many groups of work items run depends
 * on the pass.
 */
final class Graph {

  /** The work items of a group, for kernels that do not say. */
  static final int ITEMS = 64;

  private record Grid(WorkerGrid1D worker, int items, ToIntFunction<Counts> groups) {}

  private final GridScheduler scheduler;
  private final int few;
  private final List<Grid> grids = new ArrayList<>();
  private final TaskGraph tasks;

  /**
   * @param scheduler takes the tasks' grids
   * @param few the work items of a group, where each has much to do
   */
  Graph(String name, GridScheduler scheduler, int few) {
    this.scheduler = scheduler;
    this.few = few;
    tasks = new TaskGraph(name);
  }

  /** Takes the tasks, whose names come from {@link #groups} and {@link #items}. */
  TaskGraph tasks() {
    return tasks;
  }

  /** How many tasks there are. */
  int launches() {
    return grids.size();
  }

  /**
   * Announces a task.
   *
   * @param kernel what it does
   * @param items the work items of a group
   * @param groups how many groups
   * @return the task's name
   */
  String groups(String kernel, int items, ToIntFunction<Counts> groups) {
    String name = kernel + grids.size();
    WorkerGrid1D worker = new WorkerGrid1D(items);
    worker.setLocalWork(items, 1, 1);
    scheduler.addWorkerGrid(tasks.getTaskGraphName() + "." + name, worker);
    grids.add(new Grid(worker, items, groups));
    return name;
  }

  /** As {@link #groups} where single work items count. */
  String items(String kernel, ToIntFunction<Counts> items) {
    return groups(kernel, ITEMS, counts -> Math.ceilDiv(items.applyAsInt(counts), ITEMS));
  }

  /** As {@link #items} where each has much to do: in groups of few. */
  String fewItems(String kernel, ToIntFunction<Counts> items) {
    return groups(kernel, few, counts -> Math.ceilDiv(items.applyAsInt(counts), few));
  }

  /** Makes the grids those of a pass. */
  void fit(Counts counts) {
    for (Grid grid : grids) {
      int groups = Math.max(1, grid.groups.applyAsInt(counts));
      grid.worker.setGlobalWork(Math.multiplyExact(groups, grid.items), 1, 1);
    }
  }
}
