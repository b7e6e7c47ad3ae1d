package aviary.engine;

import aviary.model.Model;
import aviary.model.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model whose layers run on one stage, or on several one behind the other, each on a device of
 * its own. Between two stages goes one row of D floats for each token. A batch of several passes is
 * pipelined: while a stage runs one pass, the stage before runs the next.
 */
public final class StagedEngine implements Engine {
  private static final float[] NO_ROWS = {};

  private final Model model;
  private final List<Stage> stages;
  private final Pass.Limits limits;
  private final DeviceThreads threads;
  private final ModelMemory memory;
  private final EngineUse use;

  /**
   * @param model the model
   * @param stages all of its layers, in their order; closed with this
   */
  public StagedEngine(Model model, List<Stage> stages) {
    this.model = model;
    this.stages = List.copyOf(stages);
    limits = stages.stream().map(Stage::limits).reduce(Pass.Limits.NONE, Pass.Limits::and);
    threads = new DeviceThreads(stages.stream().map(Stage::device).toList());
    memory = new ModelMemory(model);
    memory.requireOpen();
    use = new EngineUse(device(), memory::requireOpen);
  }

  @Override
  public ModelConfig config() {
    return model.config();
  }

  @Override
  public String device() {
    return stages.stream().map(Stage::device).collect(Collectors.joining(","));
  }

  @Override
  public void startProfile() {
    use.call(() -> {
      stages.forEach(Stage::startProfile);
      return null;
    });
  }

  @Override
  public Optional<DeviceProfile> profile() {
    return use.call(() ->
        stages.stream().flatMap(stage -> stage.profile().stream()).reduce(DeviceProfile::plus));
  }

  @Override
  public long allocatedBytes() {
    return use.call(() -> stages.stream().mapToLong(Stage::allocatedBytes).sum());
  }

  @Override
  public State newState() {
    return use.call(() -> {
      memory.requireOpen();
      return stateOf(model.initialState());
    });
  }

  @Override
  public State newState(StateData data) {
    return use.call(() -> {
      data.requireFits(config());
      data.requireWhole();
      return stateOf(data.copy());
    });
  }

  private State stateOf(StateData data) {
    return new StagedState(
        use, stages.stream().map(stage -> stage.newState(data.part(stage.layers()))).toList());
  }

  @Override
  public Logits forward(Batch batch) {
    return use.run(batch, config(), this::useOf, () -> run(batch));
  }

  private StateUse useOf(State state) {
    return state instanceof StagedState its && its.engine() == use ? its.use() : null;
  }

  private Logits run(Batch batch) {
    List<Pass> passes = Pass.of(batch, limits);
    try {
      return passes.size() == 1 ? run(passes.getFirst()) : run(passes);
    } catch (RuntimeException e) {
      throw memory.explain(e);
    }
  }

  private Logits run(List<Pass> passes) {
    LogitsCopy logits = new LogitsCopy();
    if (stages.size() == 1) {
      passes.forEach(pass -> logits.add(run(pass)));
    } else {
      pipelined(passes, logits);
    }
    return logits;
  }

  /** One stage after the other: with a single pass no two of them can be at work. */
  private Logits run(Pass pass) {
    float[] hidden = rowsBetweenStages(pass);
    Logits logits = Logits.NONE;
    for (int stage = 0; stage < stages.size(); stage++) {
      logits = run(pass, stage, hidden);
    }
    return logits;
  }

  private void pipelined(List<Pass> passes, LogitsCopy logits) {
    float[][] hidden = new float[passes.size()][];
    int last = stages.size() - 1;
    Pipeline.run(
        threads,
        stages.size(),
        passes.size(),
        (pass, stage) -> {
          if (stage == 0) {
            hidden[pass] = rowsBetweenStages(passes.get(pass));
          }
          Logits its = run(passes.get(pass), stage, hidden[pass]);
          if (stage == last) {
            logits.add(its);
            hidden[pass] = NO_ROWS;
          }
        });
  }

  private Logits run(Pass pass, int stage, float[] hidden) {
    Pass itsPart = pass.with(state -> ((StagedState) state).parts().get(stage));
    return stages.get(stage).run(itsPart, hidden);
  }

  private float[] rowsBetweenStages(Pass pass) {
    return stages.size() == 1
        ? NO_ROWS
        : new float[Math.multiplyExact(pass.rows(), config().width())];
  }

  @Override
  public void close() {
    use.close(() -> {
      threads.close();
      Closing.all(stages.stream().<Runnable>map(stage -> stage::close).toList());
    });
  }
}
