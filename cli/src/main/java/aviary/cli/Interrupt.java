package aviary.cli;

import org.jline.utils.Signals;

/**
 * The first Ctrl-C asks what runs to stop, so that it can say what it did; the second one ends the
 * program at once, as ever.
 */
final class Interrupt implements AutoCloseable {
  /** What shells expect of a program that ended by Ctrl-C: 128 and the signal's number. */
  static final int EXIT_CODE = 130;

  private static final String SIGNAL = "INT";

  private final Object before = Signals.register(SIGNAL, this::ask);
  private volatile boolean asked;

  /** Whether Ctrl-C has come. */
  boolean asked() {
    return asked;
  }

  private void ask() {
    asked = true;
    close();
  }

  @Override
  public void close() {
    Signals.unregister(SIGNAL, before);
  }
}
