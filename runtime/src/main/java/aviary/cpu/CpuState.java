package aviary.cpu;

import aviary.engine.State;
import aviary.engine.StateData;

/** A sequence's state in plain arrays. */
final class CpuState implements State {
  private final StateData data;

  /**
   * @param data its contents; belongs to this from here
   */
  CpuState(StateData data) {
    this.data = data;
  }

  /** The contents themselves, to be read and moved on. */
  StateData data() {
    return data;
  }

  @Override
  public CpuState fork() {
    return new CpuState(data.copy());
  }

  @Override
  public StateData read() {
    return data.copy();
  }

  @Override
  public void close() {}
}
