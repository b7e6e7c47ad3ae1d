package aviary.cpu;

import aviary.cpu.Step.Split;
import aviary.engine.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks that need nothing of each other, so that any worker can run any of them at any time. A
 * phase begins when all of the one before is done.
 */
record Phase(List<Task> tasks) {

  /**
   * Steps that each chunk of units runs through in order.
   *
   * @param steps several where all go by rows and each row needs only itself; else one
   */
  record Task(List<Step> steps) {

    private Step first() {
      return steps.getFirst();
    }

    /** How many rows, channels or heads there are. */
    int units(Pass pass) {
      return first().units().applyAsInt(pass);
    }

    /** The fewest units that are taken at once. */
    int unitsInPiece() {
      return first().split() == Split.CHANNELS ? Step.CHANNELS_IN_PIECE : 1;
    }

    /**
     * Multiply-adds of the whole task, where it is mostly products; otherwise a measure like it.
     */
    long work(Pass pass) {
      long each = steps.stream().mapToLong(Step::work).sum();
      return first().goesByRows() ? each * units(pass) : each * units(pass) * rows(pass);
    }

    /** Which value a repeatable task computes, by its place. */
    int target() {
      return first().writes().getFirst();
    }

    /** How many rows it computes. */
    int rows(Pass pass) {
      return first().rows().applyAsInt(pass);
    }

    /**
     * Whether a chunk may be computed twice: it reads nothing that it writes, and changes no state.
     */
    boolean isRepeatable() {
      return first().split() == Split.CHANNELS && !first().reads().contains(target());
    }

    /** Runs a chunk. */
    void run(Worker worker, int from, int to) {
      for (Step step : steps) {
        step.body().run(worker, from, to);
      }
    }
  }

  /**
   * Divides steps into phases.
   *
   * @param oneRow whether there is only one row
   */
  static List<Phase> of(List<Step> steps, boolean oneRow) {
    boolean[] barriers = Step.barriers(steps, oneRow);
    List<Phase> phases = new ArrayList<>();
    List<Step> together = new ArrayList<>();
    for (int i = 0; i < barriers.length; i++) {
      if (barriers[i]) {
        phases.add(of(together));
        together.clear();
      }
      together.add(steps.get(i));
    }
    if (!together.isEmpty()) {
      phases.add(of(together));
    }
    return phases;
  }

  private static Phase of(List<Step> together) {
    List<Step> byRows = together.stream().filter(Step::goesByRows).toList();
    List<Task> tasks = new ArrayList<>();
    if (!byRows.isEmpty()) {
      tasks.add(new Task(byRows));
    }
    together.stream()
        .filter(step -> !step.goesByRows())
        .forEach(step -> tasks.add(new Task(List.of(step))));
    return new Phase(List.copyOf(tasks));
  }
}
