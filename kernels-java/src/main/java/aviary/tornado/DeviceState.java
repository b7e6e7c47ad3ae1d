package aviary.tornado;

import aviary.engine.State;
import aviary.engine.StateData;

/**
 * A sequence's state. It is in a slot of the device while there is one for it, and otherwise in
 * this process's memory.
 */
final class DeviceState implements State {
  private static final int NO_SLOT = -1;

  private final TornadoStage stage;

  /** The contents where the state is in no slot. */
  private StateData data;

  private int slot = NO_SLOT;
  private boolean closed;

  DeviceState(TornadoStage stage, StateData data) {
    this.stage = stage;
    this.data = data;
  }

  boolean isOnDevice() {
    return slot != NO_SLOT;
  }

  int slot() {
    return slot;
  }

  /** The contents, of a state that is in no slot. */
  StateData data() {
    return data;
  }

  /** It is in a slot from here on. */
  void arrive(int newSlot) {
    slot = newSlot;
    data = null;
  }

  /** It is in this process's memory from here on. */
  void leave(StateData newData) {
    slot = NO_SLOT;
    data = newData;
  }

  /** Its slot may be another's by now. */
  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the state was closed");
    }
  }

  @Override
  public State fork() {
    return new DeviceState(stage, read());
  }

  @Override
  public StateData read() {
    requireOpen();
    return isOnDevice() ? stage.fetch(slot) : data.copy();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      stage.release(this);
    }
  }
}
