package aviary.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Messages that a person types at a terminal. Alt-Enter and pastes put several lines in one, as a
 * backslash does. Ctrl-C drops what is typed; where nothing is, the second one ends.
 */
final class TypedMessages implements Messages {
  private final Terminal terminal;
  private final LineReader reader;
  private volatile boolean interrupted;

  /**
   * @param terminal where the person sits; closed with this
   * @param history the file that keeps what was typed; null for none
   */
  TypedMessages(Terminal terminal, Path history) {
    this.terminal = terminal;
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(new Prose())
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  ")
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    if (history != null && isKept(history)) {
      builder.variable(LineReader.HISTORY_FILE, history);
    }
    reader = builder.build();
    terminal.handle(Terminal.Signal.INT, signal -> interrupted = true);
  }

  /** The terminal that the program was started from. */
  static Terminal systemTerminal() throws IOException {
    // Asked how it shows clusters of characters, a terminal may answer late or never, and what is
    // typed meanwhile is lost.
    // Descriptor 1 is stderr, as the launcher has it: where that goes to a file, the terminal is
    // found by
    // its name.
    return TerminalBuilder.builder().graphemeCluster(false).devTty(true).build();
  }

  /** Where what was typed belongs by the XDG Base Directory Specification. */
  static Path historyFile() {
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state != null && Path.of(state).isAbsolute()
            ? Path.of(state)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return folder.resolve("aviary").resolve("history");
  }

  private boolean isKept(Path history) {
    try {
      createFolder(history.getParent());
      return true;
    } catch (IOException e) {
      terminal.writer().println("what you type is not kept: " + Failure.of(e).message());
      return false;
    }
  }

  /** What a person says to a model is not for others to read. */
  private static void createFolder(Path folder) throws IOException {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ours =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(folder, ours);
  }

  @Override
  public String next() {
    boolean warned = false;
    while (true) {
      try {
        String message = reader.readLine("> ");
        interrupted = false;
        return message.replace("\\\n", "\n");
      } catch (EndOfFileException e) {
        return null;
      } catch (UserInterruptException e) {
        boolean empty = e.getPartialLine().isEmpty();
        if (empty && warned) {
          return null;
        }
        warned = empty;
        if (warned) {
          terminal.writer().println("Ctrl-C again, or Ctrl-D, ends");
        }
      }
    }
  }

  @Override
  public boolean interrupted() {
    return interrupted;
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }

  /** Takes a message as it is, without quotes and escapes; a backslash at its end asks for more. */
  private static final class Prose implements Parser {
    private final Parser words =
        new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && line.endsWith("\\")) {
        throw new EOFError(-1, cursor, "the message goes on");
      }
      return words.parse(line, cursor, context);
    }

    @Override
    public boolean isEscapeChar(char c) {
      return false;
    }
  }
}
