package aviary.engine;

import java.util.List;

/**
 * A sequence's state, in parts: one for each stage of its engine.
 *
 * @param engine the engine that made it
 * @param parts the stages' states, in the stages' order
 */
record StagedState(StagedEngine engine, List<State> parts) implements State {

  @Override
  public State fork() {
    return new StagedState(engine, parts.stream().map(State::fork).toList());
  }

  @Override
  public StateData read() {
    return StateData.join(parts.stream().map(State::read).toList());
  }

  @Override
  public void close() {
    parts.forEach(State::close);
  }

  // A state is what it is and not what is in it: two that have seen the same are two.

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
