package aviary.cpu;

import aviary.engine.State;
import aviary.engine.StateData;

/** A sequence's state in plain arrays. */
final class CpuState implements State {
  final CpuEngine engine;
  private final StateData data;

  /**
   * @param engine the engine that made it
   * @param data its contents; belongs to this from here
   */
  CpuState(CpuEngine engine, StateData data) {
    this.engine = engine;
    this.data = data;
  }

  /** The contents themselves, to be read and moved on. */
  StateData data() {
    return data;
  }

  @Override
  public CpuState fork() {
    return new CpuState(engine, data.copy());
  }

  @Override
  public StateData read() {
    return data.copy();
  }

  @Override
  public void close() {}
}
