package aviary.cpu;

import aviary.cpu.Phase.Task;
import aviary.engine.Pass;
import java.util.List;

/**
 * The phases of a pass of a certain shape, with all that workers ask while they run it.
 *
 * @param phases the phases, in order
 * @param tasks the tasks of all phases
 * @param firstTask the first task of each phase, and after the last the number of tasks
 * @param next by phase, the first phase from there on that has anything to do
 * @param units the units of each phase
 * @param isLarge whether a phase is worth waking parked workers for
 */
record PassPlan(
    Shape shape,
    List<Phase> phases,
    Sized[] tasks,
    int[] firstTask,
    int[] next,
    int[] units,
    boolean[] isLarge) {

  /** Tasks of fewer multiply-adds are not divided: to share them takes longer than to run them. */
  private static final long LEAST_DIVIDED = 16_384;

  /** Phases of more multiply-adds are worth waking parked workers for. */
  private static final long LEAST_FOR_WAKING = 2_000_000;

  /** More results of a task are written in place, as to copy them would take time. */
  private static final long MOST_REPEATABLE = 1 << 20;

  /** What decides how much there is to do in a pass. */
  record Shape(int rows, int sequences, int wanted) {
    static Shape of(Pass pass) {
      return new Shape(pass.rows(), pass.parts().size(), pass.wanted().length);
    }
  }

  /**
   * A task of this pass.
   *
   * @param units how many units it has
   * @param unitsInPiece the fewest that a worker takes
   * @param isDivided whether several workers share it
   * @param isRepeatable whether a chunk may be computed twice
   * @param rows how many rows it computes
   */
  record Sized(
      Task task, int units, int unitsInPiece, boolean isDivided, boolean isRepeatable, int rows) {}

  /**
   * @param phases those of the pass
   * @param widths the floats in a row of a value, by place
   * @param workers how many share the work
   */
  static PassPlan of(List<Phase> phases, Pass pass, int[] widths, int workers) {
    int count = phases.size();
    int[] firstTask = new int[count + 1];
    int[] units = new int[count];
    boolean[] isLarge = new boolean[count];
    Sized[] tasks = new Sized[phases.stream().mapToInt(phase -> phase.tasks().size()).sum()];
    int t = 0;
    for (int p = 0; p < count; p++) {
      long work = 0;
      for (Task task : phases.get(p).tasks()) {
        tasks[t] = sized(task, pass, widths, workers);
        units[p] += tasks[t].units();
        work += task.work(pass);
        t++;
      }
      firstTask[p + 1] = t;
      isLarge[p] = work >= LEAST_FOR_WAKING;
    }
    return new PassPlan(Shape.of(pass), phases, tasks, firstTask, next(units), units, isLarge);
  }

  private static Sized sized(Task task, Pass pass, int[] widths, int workers) {
    int rows = task.rows(pass);
    boolean isDivided = workers > 1 && task.work(pass) >= LEAST_DIVIDED;
    boolean isRepeatable =
        isDivided && task.isRepeatable() && (long) rows * widths[task.target()] <= MOST_REPEATABLE;
    return new Sized(task, task.units(pass), task.unitsInPiece(), isDivided, isRepeatable, rows);
  }

  private static int[] next(int[] units) {
    int[] next = new int[units.length + 1];
    next[units.length] = units.length;
    for (int p = units.length - 1; p >= 0; p--) {
      next[p] = units[p] > 0 ? p : next[p + 1];
    }
    return next;
  }

  /** Whether it is the plan of a pass through the same phases. */
  boolean fits(List<Phase> otherPhases, Pass pass) {
    return otherPhases == phases && Shape.of(pass).equals(shape);
  }
}
