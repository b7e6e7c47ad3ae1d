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
import java.util.concurrent.atomic.AtomicIntegerArray;

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

  private final Layers layers;
  private final int vocabulary;
  private final CpuProgram program;
  private final boolean[] barriers;
  private final boolean[] barriersOfOneRow;
  private final boolean[] barriersOfEnd;
  private final float[][] values;
  private final Share[] shares;
  private final Team team;
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
    barriers = Step.barriers(program.body(), false);
    barriersOfOneRow = Step.barriers(program.body(), true);
    barriersOfEnd = Step.barriers(program.end(), false);
    values = new float[program.places()][];
    team = new Team(threads);
    shares = new Share[threads];
    Arrays.setAll(shares, i -> new Share(i, threads, new float[program.scratchSize()]));
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
    run(pass);
    if (layers.givesLogits()) {
      return new CpuLogits(values[program.logits()], pass.wanted().length, vocabulary);
    }
    System.arraycopy(values[program.hiddenOut()], 0, hidden, 0, hidden.length);
    return Logits.NONE;
  }

  private void run(Pass pass) {
    boolean[] waits = pass.rows() == 1 ? barriersOfOneRow : barriers;
    List<Step> body = program.body();
    AtomicIntegerArray taken = Step.nothingTaken(body.size(), team.size());
    AtomicIntegerArray takenOfEnd = Step.nothingTaken(program.end().size(), team.size());
    team.run((member, run) -> {
      Share share = shares[member];
      share.begin(pass, values);
      run(body, waits, share, taken, run);
      if (layers.givesLogits() && pass.wanted().length > 0) {
        run.barrier();
        run(program.end(), barriersOfEnd, share, takenOfEnd, run);
      }
    });
  }

  private static void run(
      List<Step> steps, boolean[] waits, Share share, AtomicIntegerArray taken, Team.Run run) {
    for (int i = 0; i < waits.length; i++) {
      if (waits[i]) {
        run.barrier();
      }
      steps.get(i).run(share, taken, i);
    }
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
    for (Share share : shares) {
      bytes += share.allocatedBytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    team.close();
  }
}
