package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A person at a terminal, whose keys are bytes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TypedMessagesTest {
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String ALT_ENTER = "\u001b\r";

  @TempDir Path folder;
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final ExecutorService person = Executors.newSingleThreadExecutor();
  private PipedOutputStream keys;
  private int looked;
  private Terminal terminal;
  private TypedMessages messages;

  @BeforeEach
  void sitDown() throws Exception {
    keys = new PipedOutputStream();
    terminal =
        new ExternalTerminal(
            "test", "xterm", new PipedInputStream(keys), screen, StandardCharsets.UTF_8);
    terminal.setSize(Size.of(80, 24));
    messages = new TypedMessages(terminal, null);
  }

  @AfterEach
  void standUp() throws Exception {
    messages.close();
    person.shutdownNow();
  }

  /**
   * The next message while the person types, each part when a prompt has come: before it, a Ctrl-C
   * would be one between messages.
   */
  private String type(String... parts) throws Exception {
    Future<?> typed = person.submit(() -> typeAtPrompts(parts));
    String message = messages.next();
    typed.get();
    return message;
  }

  private Void typeAtPrompts(String... parts) throws Exception {
    for (String part : parts) {
      while (!shown().substring(looked).endsWith("> ")) {
        Thread.sleep(5);
      }
      looked = shown().length();
      keys.write(part.getBytes(StandardCharsets.UTF_8));
      keys.flush();
    }
    return null;
  }

  private String shown() {
    return screen.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsTypedIsTheMessageWithQuotesAndEscapesAsTheyAre() throws Exception {
    assertEquals("isn't it \"good\" \\n !!", type("isn't it \"good\" \\n !!\r"));
    assertEquals("Über", type("Über\r"));
  }

  @Test
  void aMessageHasSeveralLinesAfterABackslashAltEnterOrAPaste() throws Exception {
    assertEquals("one\ntwo", type("one\\\rtwo\r"));
    assertEquals("one\ntwo", type("one" + ALT_ENTER + "two\r"));
    assertEquals("one\ntwo", type("\u001b[200~one\ntwo\u001b[201~\r"));
  }

  @Test
  void ctrlDEndsAndSoDoesTheSecondCtrlCAtAnEmptyLine() throws Exception {
    assertNull(type(CTRL_D));
    messages.close();
    sitDown();
    assertNull(type(CTRL_C, CTRL_C));
  }

  @Test
  void ctrlCDropsWhatIsTyped() throws Exception {
    assertEquals("two", type("one" + CTRL_C, CTRL_C, "one" + CTRL_C, CTRL_C, "two\r"));
    assertTrue(shown().contains("Ctrl-C again, or Ctrl-D, ends"), shown());
  }

  @Test
  void ctrlCWhileAnAnswerRunsAsksToStopIt() throws Exception {
    assertEquals("one", type("one\r"));
    assertFalse(messages.interrupted());
    terminal.raise(Terminal.Signal.INT);
    assertTrue(messages.interrupted());
    assertEquals("two", type("two\r"));
    assertFalse(messages.interrupted());
  }

  @Test
  void whatWasTypedIsThereNextTimeAndForNobodyElse() throws Exception {
    Path history = folder.resolve("aviary").resolve("history");
    messages.close();
    sitDown();
    messages = new TypedMessages(terminal, history);
    assertEquals("first", type("first\r"));
    messages.close();
    sitDown();
    messages = new TypedMessages(terminal, history);
    assertEquals("first", type("\u001bOA\r"));
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(history.getParent())));
    }
  }

  @Test
  void whereHistoryCannotBeKeptTheChatGoesOnWithoutIt() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    messages = new TypedMessages(terminal, file.resolve("aviary").resolve("history"));
    assertEquals("one", type("one\r"));
    assertTrue(shown().contains("what you type is not kept: "), shown());
  }
}
