package aviary.engine;

import java.util.List;

/** A sequence's state, in parts: one for each stage of its engine. */
final class StagedState implements State {
  private final EngineUse engine;
  private final List<State> parts;
  private final StateUse use = new StateUse();

  /**
   * @param engine of the engine that made it
   * @param parts the stages' states, in the stages' order
   */
  StagedState(EngineUse engine, List<State> parts) {
    this.engine = engine;
    this.parts = parts;
  }

  /** Of the engine that made it. */
  EngineUse engine() {
    return engine;
  }

  List<State> parts() {
    return parts;
  }

  StateUse use() {
    return use;
  }

  @Override
  public State fork() {
    return engine.call(
        use, () -> new StagedState(engine, parts.stream().map(State::fork).toList()));
  }

  @Override
  public StateData read() {
    return engine.call(use, () -> StateData.join(parts.stream().map(State::read).toList()));
  }

  @Override
  public void close() {
    engine.close(use, () -> parts.forEach(State::close));
  }
}
