package aviary.cli;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Engine;
import aviary.generation.Conversation;
import aviary.generation.SamplerOptions;
import aviary.generation.Snapshot;
import aviary.model.ModelFiles;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations whose messages come from a pipe. */
class ChatTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SmallModel.byteLevel(folder);
  }

  private Run chat(String input, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "chat",
                "--model=" + model,
                "--device=reference",
                "--temperature=0",
                "--max-tokens=12"));
    args.addAll(Arrays.asList(more));
    return Run.withInput(input, args.toArray(String[]::new)).ok();
  }

  /** What the model answers to the messages, each with a line's end behind it. */
  private String answers(Snapshot start, String... messages) throws IOException {
    StringBuilder answers = new StringBuilder();
    try (Arena arena = Arena.ofConfined();
        Engine engine = ReferenceBackend.engine(ModelFiles.open(model, arena));
        Conversation conversation =
            new Conversation(engine, new ByteTokenizer(), SamplerOptions.GREEDY, 12)) {
      if (start != null) {
        conversation.restore(start);
      }
      for (String message : messages) {
        conversation.say(message, answers::append, () -> false);
        answers.append('\n');
      }
    }
    return answers.toString();
  }

  @Test
  void onlyAnswersGoToStdout() throws IOException {
    Run run = chat("Hello\nWho are you?\n");
    assertEquals(answers(null, "Hello", "Who are you?"), run.out());
    assertTrue(run.err().startsWith("bytes.safetensors on reference, seed "), run.err());
  }

  @Test
  void aBackslashAtALinesEndGoesOnAndBlankMessagesAreNone() throws IOException {
    String expected = answers(null, "one\ntwo", "three");
    assertEquals(expected, chat("one\\\ntwo\n\n   \nthree").out());
  }

  @Test
  void undoTakesTheLastTurnBack() throws IOException {
    assertEquals(answers(null, "one") + answers(null, "two"), chat("one\n/undo\ntwo\n").out());
    String err = chat("/undo\none\n/undo\n").err();
    assertTrue(err.contains("there is nothing to take back\n"), err);
    assertTrue(err.contains("taken back\n"), err);
  }

  @Test
  void resetBeginsAnew() throws IOException {
    assertEquals(answers(null, "one") + answers(null, "two"), chat("one\n/reset\ntwo\n").out());
  }

  @Test
  void aSavedConversationGoesOn() throws IOException {
    String file = folder.resolve("with space").toString();
    String whole = chat("one\ntwo\n").out();
    String first = chat("one\n/save " + file + "\nsomething else\n").out();
    assertEquals(answers(null, "one", "something else"), first);
    assertEquals(
        whole,
        answers(null, "one")
            + chat("nothing\n/load " + file + "\ntwo\n")
                .out()
                .substring(answers(null, "nothing").length()));
    assertEquals(whole, answers(null, "one") + chat("two\n", "--state-in=" + file).out());
  }

  @Test
  void whatIsSavedAndLoadedIsConfirmed() {
    Path file = folder.resolve("talk");
    List<String> lines =
        chat("one\n/save %s\n/save %1$s\n/load %1$s\n".formatted(file)).err().lines().toList();
    assertTrue(lines.contains("saved in " + file), lines.toString());
    assertTrue(
        lines.contains("saved in " + file + ", in place of what was there"), lines.toString());
    assertTrue(
        lines.contains("loaded " + file + "; the conversation goes on from there"),
        lines.toString());
  }

  @Test
  void aFileOfAnythingElseIsNoSavedConversation() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "Dear diary");
    Path empty = Files.createFile(folder.resolve("empty"));
    Path zip = Files.write(folder.resolve("a.zip"), new byte[] {'P', 'K', 3, 4, 0, 0});
    for (Path file : List.of(text, empty, zip, model, folder)) {
      String expected =
          file + ": is no saved conversation (/save writes one, as generate --state-out does): ";
      Run run = chat("one\n/load " + file + "\n");
      List<String> lines = run.err().lines().filter(line -> line.startsWith(expected)).toList();
      assertEquals(1, lines.size(), run.err());
      Run start =
          Run.of("chat", "--model=" + model, "--device=reference", "--state-in=" + file.toString());
      assertEquals("aviary: " + lines.getFirst() + "\n", start.err());
      assertEquals(2, start.code());
    }
  }

  @Test
  void whatAFileIsInPlaceOfASavedConversationIsSaid() throws IOException {
    Path text = Files.write(folder.resolve("wide.txt"), "\uFEFFDear".getBytes(UTF_16LE));
    String err = chat("/load " + text + "\n").err();
    assertTrue(err.contains("generate --state-out does): is a UTF-16 text"), err);
  }

  @Test
  void aConversationWithAnotherModelIsNamedAsThat() {
    Path other = folder.resolve("other.safetensors");
    Run.of(
            "init",
            "--arch=finch",
            "--layers=2",
            "--width=128",
            "--vocab-size=256",
            other.toString())
        .ok();
    Path file = folder.resolve("talk");
    Run.withInput("one\n/save " + file + "\n", "chat", "--model=" + other, "--max-tokens=2").ok();
    String err = chat("/load " + file + "\n").err();
    assertTrue(err.contains(file + ": state of another model: "), err);
  }

  @Test
  void resetGoesBackToTheStateThatWasGiven() throws IOException {
    Path file = folder.resolve("state");
    chat("one\n/save " + file + "\n");
    String two = answers(Snapshot.load(file), "two");
    assertEquals(two + two, chat("two\n/reset\ntwo\n", "--state-in=" + file).out());
  }

  @Test
  void whatIsWrongWithACommandIsOneLineAndTheChatGoesOn() throws IOException {
    Path missing = folder.resolve("no").resolve("where");
    Run run =
        chat(
            "one\n/nonsense\n/save\n/undo it\n/save "
                + missing
                + "\n/load "
                + missing
                + "\n/load "
                + model
                + "\n/help\ntwo\n");
    assertEquals(answers(null, "one", "two"), run.out());
    List<String> lines = run.err().lines().toList();
    assertTrue(lines.contains("/nonsense: there is no such command; see /help"), run.err());
    assertTrue(lines.contains("/save: name a file"), run.err());
    assertTrue(lines.contains("/undo: takes nothing, but there is it"), run.err());
    assertTrue(
        lines.contains(missing + ": cannot be written: its folder does not exist"), run.err());
    assertTrue(lines.contains(missing + ": there is no such file or folder"), run.err());
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith(model + ": is no saved conversation (")),
        run.err());
    for (String command : List.of("/reset", "/undo", "/save FILE", "/load FILE", "/exit")) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(command)), run.err());
    }
    assertFalse(Files.exists(missing));
  }

  @Test
  void aMessageMayBeginWithAPath() throws IOException {
    assertEquals(answers(null, "/etc/hosts is what?"), chat("/etc/hosts is what?\n").out());
  }

  @Test
  void exitEndsIt() throws IOException {
    assertEquals(answers(null, "one"), chat("one\n/exit\ntwo\n").out());
  }

  @Test
  void anAnswerThatIsCutIsTold() {
    Run run = chat("one\n");
    assertTrue(run.err().endsWith("(the answer reached --max-tokens)\n"), run.err());
  }
}
