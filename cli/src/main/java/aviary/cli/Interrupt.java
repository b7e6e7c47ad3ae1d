package aviary.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jline.utils.Signals;

/**
 * The first Ctrl-C asks what runs to stop, so that it can say what it did; the second one ends the
 * program at once, as ever.
 */
final class Interrupt implements AutoCloseable {
  /** What shells expect of a program that ended by Ctrl-C: 128 and the signal's number. */
  static final int EXIT_CODE = 130;

  /** The signals, and what each did before. */
  private final Map<String, Object> before = new LinkedHashMap<>();

  private volatile boolean asked;

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
    for (String signal : signals) {
      before.put(signal, Signals.register(signal, this::ask));
    }
  }

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
    before.forEach(Signals::unregister);
  }
}
