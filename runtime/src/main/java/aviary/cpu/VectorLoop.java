package aviary.cpu;

/**
 * A loop over vectors, and whether it is to be used. The Vector API is hundreds of times slower
 * until the JIT compiler's last tier has compiled what uses it, which takes it most of a second. So
 * when a process opens its first engine, {@link WarmUp} has a plain loop with the same results take
 * the place of such a loop until it has seen that this is the faster one.
 */
final class VectorLoop {
  private volatile boolean fast = true;
  private boolean tried;

  /** Whether it is to be used. */
  boolean isFast() {
    return fast;
  }

  /** How many of {@code n} numbers the loop is to compute: those that fill vectors, or none. */
  int whole(int n) {
    return fast ? Lanes.whole(n) : 0;
  }

  /** Has the plain loop take its place, the first time that this is called. */
  synchronized void beginTrial() {
    if (!tried) {
      tried = true;
      fast = false;
    }
  }

  /** As in a process that has just started: the next engine tries it. */
  synchronized void forget() {
    tried = false;
    fast = true;
  }

  /** Says whether it is to be used. */
  void setFast(boolean isFast) {
    fast = isFast;
  }
}
