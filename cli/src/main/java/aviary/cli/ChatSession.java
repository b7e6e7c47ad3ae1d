package aviary.cli;

import aviary.InputException;
import aviary.generation.Conversation;
import aviary.generation.Generation;
import aviary.generation.Snapshot;
import aviary.generation.StopReason;
import aviary.model.ModelConfig;
import aviary.safetensors.MalformedFileException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes messages and commands one after the other, and prints the answers. */
final class ChatSession {
  private static final String HELP =
      """
      /reset       begin anew
      /undo        take back the last message and its answer
      /save FILE   keep the conversation in a file
      /load FILE   go on from such a file
      /help        this
      /exit        end, as Ctrl-D does
      A message goes on in the next line after a \\ at a line's end, or with Alt-Enter.
      Ctrl-C stops an answer.\
      """;

  /** So that a message may well begin with a path. */
  private static final Pattern COMMAND = Pattern.compile("/(\\w+)(?:\\s+(.*\\S))?\\s*");

  private final ModelConfig config;
  private final Conversation conversation;
  private final Snapshot start;
  private final Messages messages;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * @param config the model's
   * @param conversation a new one
   * @param start where it begins; null for nothing
   * @param out where answers go
   * @param err where everything else goes
   */
  ChatSession(
      ModelConfig config,
      Conversation conversation,
      Snapshot start,
      Messages messages,
      PrintStream out,
      PrintStream err) {
    this.config = config;
    this.conversation = conversation;
    this.start = start;
    this.messages = messages;
    this.out = out;
    this.err = err;
  }

  /** Goes on until the messages, or what stdout takes, come to an end. */
  void run() throws IOException {
    reset();
    boolean more = true;
    while (more && !out.checkError()) {
      String message = messages.next();
      more = message != null && (message.isBlank() || take(message));
    }
  }

  /** Whether there is to be more. */
  private boolean take(String message) {
    Matcher command = COMMAND.matcher(message);
    try {
      if (command.matches()) {
        return obey(command.group(1), command.group(2));
      }
      answer(message);
    } catch (IOException | RuntimeException e) {
      err.println(Failure.of(e).message());
    }
    return true;
  }

  private boolean obey(String command, String argument) throws IOException {
    boolean takesFile = command.equals("save") || command.equals("load");
    if (takesFile != (argument != null)) {
      throw new InputException(
          "/"
              + command
              + (takesFile ? ": name a file" : ": takes nothing, but there is " + argument));
    }
    switch (command) {
      case "reset" -> reset();
      case "undo" ->
          err.println(conversation.undo() ? "taken back" : "there is nothing to take back");
      case "save" -> save(file(argument));
      case "load" -> {
        Path file = file(argument);
        conversation.restore(load(file, config));
        err.println("loaded %s; the conversation goes on from there".formatted(file));
      }
      case "help" -> err.println(HELP);
      case "exit" -> {
        return false;
      }
      default ->
          throw new InputException("/%s: there is no such command; see /help".formatted(command));
    }
    return true;
  }

  private void save(Path file) throws IOException {
    OutputFile.Earlier earlier = OutputFile.earlier(file);
    conversation.snapshot().save(file);
    err.println("saved in " + file + (earlier.there() ? ", in place of what was there" : ""));
  }

  /**
   * Reads a conversation.
   *
   * @throws InputException if the file holds none, or one with a model of another shape
   */
  static Snapshot load(Path file, ModelConfig config) throws IOException {
    Snapshot snapshot;
    try {
      snapshot = Snapshot.load(file);
    } catch (InputException | MalformedFileException e) {
      if (!Files.exists(file)) {
        throw e;
      }
      throw new InputException(
          "%s: is no saved conversation (/save writes one, as generate --state-out does): %s"
              .formatted(file, reason(file, e.getMessage())),
          e);
    }
    snapshot.requireFits(file, config);
    return snapshot;
  }

  /** Without the file's name, which the message begins with. */
  private static String reason(Path file, String message) {
    String name = file + ": ";
    return message.startsWith(name) ? message.substring(name.length()) : message;
  }

  private void reset() {
    if (start == null) {
      conversation.reset();
    } else {
      conversation.restore(start);
    }
  }

  /** No shell has seen the name, so that its {@code ~} is still to be read. */
  private static Path file(String name) {
    return name.startsWith("~/")
        ? Path.of(System.getProperty("user.home"), name.substring(2))
        : Path.of(name);
  }

  private void answer(String message) {
    Generation generation =
        conversation.say(
            message,
            piece -> {
              out.print(piece);
              out.flush();
            },
            () -> messages.interrupted() || out.checkError());
    out.println();
    out.flush();
    if (generation.reason() == StopReason.MAX_TOKENS) {
      err.println("(the answer reached --max-tokens)");
    }
  }
}
