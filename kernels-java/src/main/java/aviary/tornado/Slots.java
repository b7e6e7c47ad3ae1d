package aviary.tornado;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which states are in the device's slots; the one that was used longest ago makes room. */
final class Slots {
  private final Deque<Integer> free = new ArrayDeque<>();

  /** Those that are in slots, the one that was used last at the end. */
  private final Set<DeviceState> states = new LinkedHashSet<>();

  Slots(int count) {
    for (int slot = 0; slot < count; slot++) {
      free.add(slot);
    }
  }

  /** Whether a slot is free. */
  boolean hasFree() {
    return !free.isEmpty();
  }

  /** Takes a free slot. */
  int take() {
    return free.remove();
  }

  /** Gives a slot back. */
  void free(DeviceState state) {
    if (states.remove(state)) {
      free.add(state.slot());
    }
  }

  /** The state that was used longest ago and is none of {@code needed}. */
  DeviceState oldest(Set<DeviceState> needed) {
    Iterator<DeviceState> all = states.iterator();
    while (all.hasNext()) {
      DeviceState state = all.next();
      if (!needed.contains(state)) {
        return state;
      }
    }
    throw new IllegalStateException("more states in a pass than there are slots");
  }

  /** The state was used. */
  void touch(DeviceState state) {
    states.remove(state);
    states.add(state);
  }
}
