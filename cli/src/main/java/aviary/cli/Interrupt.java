package aviary.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jline.utils.Signals;

/**
 * The first Ctrl-C asks what runs to stop, so that it can say what it did; the second one ends the
 * program at once, as ever. What comes within a moment of the first counts as the same: {@code
 * timeout}, and shells, signal a program and then all of its group.
 */
final class Interrupt implements AutoCloseable {
  /** What shells expect of a program that ended by Ctrl-C: 128 and the signal's number. */
  static final int EXIT_CODE = 130;

  private static final long MOMENT_MILLIS = 500;

  /** The signals, and what each did before. */
  private final Map<String, Object> before = new LinkedHashMap<>();

  private final long momentMillis;
  private volatile boolean asked;
  private boolean closed;

  /** Only Ctrl-C. */
  Interrupt() {
    this("INT");
  }

  /**
   * Some signals.
   *
   * @param signals their names: {@code INT} is Ctrl-C's
   */
  Interrupt(String... signals) {
    this(MOMENT_MILLIS, signals);
  }

  /**
   * Some signals, with a moment of its own.
   *
   * @param momentMillis for how long behind the first signal all others count as the same
   */
  Interrupt(long momentMillis, String... signals) {
    this.momentMillis = momentMillis;
    for (String signal : signals) {
      before.put(signal, Signals.register(signal, this::ask));
    }
  }

  /** Whether Ctrl-C has come. */
  boolean asked() {
    return asked;
  }

  private void ask() {
    if (!asked) {
      asked = true;
      Thread.ofPlatform().daemon().start(this::closeSoon);
    }
  }

  private void closeSoon() {
    try {
      Thread.sleep(momentMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Once: another may have registered since. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      before.forEach(Signals::unregister);
    }
  }
}
