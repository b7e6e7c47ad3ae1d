package aviary.cli;

import java.io.IOException;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/** Whether a person sits at a standard stream. */
final class Tty {
  private Tty() {}

  /**
   * Whether it is a terminal; {@link System#console} tells it only of input and output together.
   */
  static boolean is(SystemStream stream) {
    try {
      return TerminalProvider.load("exec").isSystemStream(stream);
    } catch (IOException e) {
      return false;
    }
  }
}
