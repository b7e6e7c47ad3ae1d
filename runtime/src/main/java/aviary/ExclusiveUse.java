package aviary;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Detects misuse of an object that one thread at a time may use: a call while another call runs, on
 * another thread or from within a callback, and a call after the object was closed. Threads that
 * take turns are no misuse, and each sees what the one before it wrote. A call costs one
 * compare-and-set.
 */
public final class ExclusiveUse {
  private final String what;
  private final String instead;
  private final AtomicReference<Thread> user = new AtomicReference<>();

  /** Written only by the thread that uses the object. */
  private volatile boolean closed;

  /**
   * @param what the object, as messages name it: {@code engine cpu}
   * @param instead what to do instead of sharing it, as messages say it: {@code open an engine for
   *     each thread}
   */
  public ExclusiveUse(String what, String instead) {
    this.what = what;
    this.instead = instead;
  }

  /**
   * Begins a call. {@link #end} has to follow, whatever the call throws.
   *
   * @throws IllegalStateException if another call runs, or the object is closed
   */
  public void begin() {
    enter();
    if (closed) {
      end();
      throw new IllegalStateException(
          "the %s is closed: nothing can use it any more, make another".formatted(what));
    }
  }

  /** Ends the call. */
  public void end() {
    user.set(null);
  }

  /** Whether the object is closed. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Closes the object for all further calls.
   *
   * @return whether it was open until now
   * @throws IllegalStateException if a call runs; the object stays open
   */
  public boolean close() {
    enter();
    boolean wasOpen = !closed;
    closed = true;
    end();
    return wasOpen;
  }

  private void enter() {
    Thread other = user.compareAndExchange(null, Thread.currentThread());
    if (other == Thread.currentThread()) {
      throw new IllegalStateException(
          "the %s is in use by this very thread, from which a callback calls it: call it after that call has returned"
              .formatted(what));
    }
    if (other != null) {
      throw new IllegalStateException(
          "the %s is in use by thread %s, and one thread at a time may use it: take turns, or %s"
              .formatted(what, other.getName(), instead));
    }
  }
}
