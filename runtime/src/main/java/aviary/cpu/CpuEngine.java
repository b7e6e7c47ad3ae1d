package aviary.cpu;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Runs a program's steps on the cores of this machine. Tokens of all sequences of a batch are rows
 * of the same matrices; {@value #ROWS} of them at most go through the model together, so that
 * memory does not grow with the prompt.
 */
final class CpuEngine implements Engine {

  /** The most rows in a pass: more hardly gain speed. */
  static final int ROWS = 256;

  /** The most rows of logits in a pass, which are the longest by far. */
  static final int WANTED = 64;

  private final Model model;
  private final MemorySegment.Scope[] scopes;
  private final CpuProgram program;
  private final boolean[] barriers;
  private final boolean[] barriersOfOneRow;
  private final boolean[] barriersOfEnd;
  private final float[][] values;
  private final Share[] shares;
  private final Team team;
  private int roomForRows;
  private int roomForWanted;

  CpuEngine(Model model, int threads) {
    this.model = model;
    scopes =
        model.tensors().values().stream()
            .map(Tensor::data)
            .map(MemorySegment::scope)
            .distinct()
            .toArray(MemorySegment.Scope[]::new);
    // Freed with the engine, also where its constructor fails.
    program = new CpuProgram(model, Arena.ofAuto());
    barriers = Step.barriers(program.body(), false);
    barriersOfOneRow = Step.barriers(program.body(), true);
    barriersOfEnd = Step.barriers(program.end(), false);
    values = new float[program.places()][];
    team = new Team(threads);
    shares = new Share[threads];
    Arrays.setAll(shares, i -> new Share(i, threads, new float[program.scratchSize()]));
  }

  @Override
  public ModelConfig config() {
    return model.config();
  }

  @Override
  public String device() {
    return CpuBackend.NAME;
  }

  @Override
  public State newState() {
    return new CpuState(this, model.initialState());
  }

  @Override
  public State newState(StateData data) {
    data.requireFits(model.config());
    return new CpuState(this, data.copy());
  }

  @Override
  public Logits forward(Batch batch) {
    validate(batch);
    List<Pass> passes = Pass.of(batch, ROWS, WANTED);
    if (passes.size() == 1) {
      run(passes.getFirst());
      return new CpuLogits(values[program.logits()], batch.wantedRows(), config().vocabulary());
    }
    return inPieces(passes, batch.wantedRows());
  }

  private Logits inPieces(List<Pass> passes, int wanted) {
    int width = config().vocabulary();
    float[] logits = new float[Math.multiplyExact(wanted, width)];
    int done = 0;
    for (Pass pass : passes) {
      run(pass);
      int count = pass.wanted.length;
      if (count > 0) {
        System.arraycopy(values[program.logits()], 0, logits, done * width, count * width);
      }
      done += count;
    }
    return new CpuLogits(logits, wanted, width);
  }

  private void run(Pass pass) {
    makeRoom(pass.rows(), pass.wanted.length);
    boolean[] waits = pass.rows() == 1 ? barriersOfOneRow : barriers;
    List<Step> body = program.body();
    AtomicIntegerArray taken = Step.nothingTaken(body.size(), team.size());
    AtomicIntegerArray takenOfEnd = Step.nothingTaken(program.end().size(), team.size());
    team.run((member, run) -> {
      Share share = shares[member];
      share.begin(pass, values);
      run(body, waits, share, taken, run);
      if (pass.wanted.length > 0) {
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

  private void validate(Batch batch) {
    Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Batch.Sequence sequence : batch.sequences()) {
      if (!(sequence.state() instanceof CpuState state) || state.engine != this) {
        throw new IllegalArgumentException("a state of another engine");
      }
      if (!states.add(state)) {
        throw new IllegalArgumentException("one state in two sequences of a batch");
      }
      config().requireTokens(sequence.tokens());
    }
    for (MemorySegment.Scope scope : scopes) {
      if (!scope.isAlive()) {
        throw new IllegalStateException("the model's memory was closed before its engine");
      }
    }
  }

  @Override
  public void close() {
    team.close();
  }
}
