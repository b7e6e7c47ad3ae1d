package aviary.cpu;

import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Pass;
import aviary.engine.Stage;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs a program's steps on the cores of this machine. Tokens of all sequences of a pass are rows
 * of the same matrices.
 */
final class CpuStage implements Stage {

  /**
   * More rows hardly gain speed. As many may be wanted, though their logits take 64 MB with the
   * World vocabulary: with fewer, texts that are scored token by token would run in short passes.
   */
  private static final Pass.Limits LIMITS = new Pass.Limits(256, Integer.MAX_VALUE, 256);

  /**
   * With as many weights a pass of plain loops takes longer than the JIT compiler takes for those
   * over vectors, so that the cores are first left to the compiler. With fewer, the first pass is
   * faster without.
   */
  private static final long LARGE = 1 << 26;

  /**
   * A small model's loops are made fast when passes took as long as that will, in nanoseconds: a
   * short text is done before, and a long one soon gains more than that.
   */
  private static final long ENOUGH = 700_000_000;

  private final Layers layers;
  private final int vocabulary;
  private final CpuProgram program;
  private final List<Phase> phasesOfRows;
  private final List<Phase> phasesOfOneRow;
  private final List<Phase> phasesOfRowsAndEnd;
  private final List<Phase> phasesOfOneRowAndEnd;
  private final float[][] values;
  private final int[] widths;
  private final Worker[] workers;
  private final WorkerPool pool;
  private final WarmUp warmUp;
  private final boolean isLarge;
  private PassPlan plan;

  /** What passes took so far. */
  private long nanoseconds;

  private int roomForRows;
  private int roomForWanted;

  /**
   * @param blas who computes products of many rows; empty for this backend itself
   */
  CpuStage(Model model, Layers layers, int threads, Optional<Blas> blas) {
    this.layers = layers;
    vocabulary = model.config().vocabulary();
    // Freed with the stage, also where its constructor fails.
    program = new CpuProgram(model, layers, blas, Arena.ofAuto());
    phasesOfRows = Phase.of(program.body(), false);
    phasesOfOneRow = Phase.of(program.body(), true);
    List<Phase> end = Phase.of(program.end(), false);
    phasesOfRowsAndEnd = joined(phasesOfRows, end);
    phasesOfOneRowAndEnd = joined(phasesOfOneRow, end);
    values = new float[program.places()][];
    widths = IntStream.range(0, program.places()).map(program::width).toArray();
    pool = new WorkerPool(threads);
    workers = new Worker[threads];
    Arrays.setAll(workers, i -> new Worker(i, new float[program.scratchSize()]));
    warmUp = program.warmUp();
    isLarge = program.weights() >= LARGE;
  }

  @Override
  public Layers layers() {
    return layers;
  }

  @Override
  public String device() {
    return CpuBackend.NAME;
  }

  @Override
  public Pass.Limits limits() {
    return LIMITS;
  }

  @Override
  public State newState(StateData data) {
    return new CpuState(data);
  }

  @Override
  public Logits run(Pass pass, float[] hidden) {
    makeRoom(pass.rows(), pass.wanted().length);
    if (!layers.takesTokens()) {
      System.arraycopy(hidden, 0, values[program.hiddenIn()], 0, hidden.length);
    }
    // The first token comes first, and then the speed of all others.
    if (isLarge || nanoseconds > ENOUGH) {
      warmUp.makeFast(pass.rows(), nanoseconds > 0);
    }
    long start = System.nanoTime();
    run(pass);
    nanoseconds += System.nanoTime() - start;
    if (layers.givesLogits()) {
      return new CpuLogits(values[program.logits()], pass.wanted().length, vocabulary);
    }
    System.arraycopy(values[program.hiddenOut()], 0, hidden, 0, hidden.length);
    return Logits.NONE;
  }

  private void run(Pass pass) {
    List<Phase> phases = pass.rows() == 1 ? phasesOfOneRow : phasesOfRows;
    if (layers.givesLogits() && pass.wanted().length > 0) {
      phases = pass.rows() == 1 ? phasesOfOneRowAndEnd : phasesOfRowsAndEnd;
    }
    if (plan == null || !plan.fits(phases, pass)) {
      plan = PassPlan.of(phases, pass, widths, workers.length);
    }
    pool.run(new PassJob(plan, pass, values, widths, workers, pool.spins()));
  }

  private static List<Phase> joined(List<Phase> body, List<Phase> end) {
    return Stream.concat(body.stream(), end.stream()).toList();
  }

  /** Sees to it that all values have room for so many rows. */
  private void makeRoom(int rows, int wanted) {
    boolean more = rows > roomForRows;
    boolean moreWanted = wanted > roomForWanted;
    for (int place = 0; place < values.length && (more || moreWanted); place++) {
      boolean ofEnd = program.isOfEnd(place);
      if (ofEnd ? moreWanted : more) {
        values[place] = new float[(ofEnd ? wanted : rows) * program.width(place)];
      }
    }
    roomForRows = Math.max(rows, roomForRows);
    roomForWanted = Math.max(wanted, roomForWanted);
  }

  @Override
  public long allocatedBytes() {
    long bytes = program.copiedBytes();
    for (float[] value : values) {
      bytes += value == null ? 0 : (long) Float.BYTES * value.length;
    }
    for (Worker worker : workers) {
      bytes += worker.allocatedBytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    pool.close();
    warmUp.close();
  }
}
