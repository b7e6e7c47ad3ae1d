package aviary.evaluation.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {
  private static final String LINES =
      "{\"text\": \"one é\\n\"}\n\n{\"id\": 2, \"text\": \"two\"}\n";

  @TempDir private Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static List<String> read(Path file, String field) throws IOException {
    List<String> texts = new ArrayList<>();
    try (TextFile opened = new TextFile(file, field, true)) {
      for (byte[] text = opened.next(); text != null; text = opened.next()) {
        texts.add(new String(text, StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  private static String refused(Path file, String field) {
    InputException e = assertThrows(InputException.class, () -> read(file, field));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    return e.getMessage().substring(file.toString().length() + 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl", "a.ndjson", "a.json", "a.txt", "a"})
  void linesWithTheFieldAreDocumentsWhateverTheName(String name) throws IOException {
    assertEquals(List.of("one é\n", "two"), read(write(name, LINES), null));
    assertEquals(List.of("one é\n", "two"), read(write(name, "\ufeff" + LINES), null));
  }

  @Test
  void jsonLinesMayBeInGzip() throws IOException {
    Path file = folder.resolve("a.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(LINES.getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(List.of("one é\n", "two"), read(file, null));
    Path other = Files.copy(file, folder.resolve("a.txt"));
    assertTrue(refused(other, null).contains("compressed with gzip"));
  }

  @Test
  void theObjectsOfAnArrayAreDocumentsToo() throws IOException {
    String array = "[{\"text\": \"one\"},\n{\"text\": \"two\"}]\n";
    assertEquals(List.of("one", "two"), read(write("a.json", array), null));
  }

  @Test
  void theFieldMayBeAnother() throws IOException {
    Path file = write("a.jsonl", "{\"text\": 1, \"content\": \"x\"}\n");
    assertEquals(List.of("x"), read(file, "content"));
    Path unnamed = write("a.txt", "{\"content\": \"x\"}\n");
    assertEquals(List.of("x"), read(unnamed, "content"));
    assertEquals(
        "no document has a text in the field text; they have content: name one with --field",
        refused(unnamed, null));
  }

  /** Names that tell nothing, documents with other fields: their syntax is no text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"content\": \"x\", \"id\": 1}\n{\"content\": \"y\", \"id\": 2}\n",
        "{\"content\": \"x\"}\n{\"id\": 2}",
        "\n \t{\"content\": {\"text\": 1}}\r\n\r\n{\"id\": [2, {}]}\r\n\n",
        "{\"content\": \"x\", \"id\": NaN}\n",
        "[{\"content\": \"x\"},\n {\"id\": 2}]",
      })
  void linesThatAreAllObjectsAreNoPlainText(String lines) throws IOException {
    for (String name : List.of("a.txt", "a", "a.data")) {
      for (String mark : List.of("", "\ufeff")) {
        String why = refused(write(name, mark + lines), null);
        assertTrue(
            why.matches(
                "no document has a text in the field text; they have content(, id)?: name one with"
                    + " --field"),
            why);
      }
    }
  }

  @Test
  void documentsOfWhichOnlyTheFirstHasNoTextAreDocuments() throws IOException {
    assertEquals(List.of("x"), read(write("a.txt", "{\"id\": 1}\n{\"text\": \"x\"}\n"), null));
  }

  @Test
  void aLineThatIsCutOffIsNamed() throws IOException {
    Path file = write("a.txt", "{\"content\": \"x\"}\n{\"content\": \"y");
    assertTrue(refused(file, null).startsWith("line 2 is not valid JSON: "));
  }

  @Test
  void onlyTheFirstLinesAreLookedAt() throws IOException {
    String many = "{\"content\": \"x\"}\n".repeat(100);
    assertTrue(refused(write("a.txt", many + "and so on\n"), null).startsWith("line 101 is "));
    String fewer = "{\"content\": \"x\"}\n".repeat(99) + "and so on\n";
    assertEquals(List.of(fewer), read(write("a.txt", fewer), null));
  }

  @Test
  void whatNothingCanBeDoneWithIsJsonAllTheSame() throws IOException {
    assertTrue(refused(write("a.txt", "{\"a\": \"\\ud83d\"}\n"), null).contains("surrogate"));
    assertTrue(refused(write("a.txt", "{\"a\": 1, \"a\": 2}\n"), null).startsWith("line 1 "));
  }

  @Test
  void aPlainFileIsOneText() throws IOException {
    for (String text :
        List.of(
            "{\n",
            "{}\n{}\n",
            "{\"te",
            "{\n  \"a\": 1\n}\n",
            "{a}\n{b}\n",
            "{\"a\": 1}\n{b}\n{\"a\": 2}\n",
            "{\"a\": 1}\nand so on",
            "{\"a\": 1} is an object\n",
            "one\n{\"a\": 1}\n",
            "one\ntwo\n",
            "[1, 2]",
            "[{one}]\n",
            "[]")) {
      assertEquals(List.of(text), read(write("a.txt", text), null));
    }
    assertEquals(List.of("marked"), read(write("a.txt", "\ufeffmarked"), null));
  }

  @Test
  void aColumnOfParquetIsTexts() throws Exception {
    Path file =
        Path.of(TextFileTest.class.getResource("/aviary/evaluation/data/snappy.parquet").toURI());
    List<String> texts = read(file, "question");
    assertEquals(4, texts.size());
    assertEquals("Question 1 é日本", texts.get(1));
    assertTrue(
        refused(file, null)
            .startsWith("no document has a text in the field text; they have id, question, "));
    assertEquals("document 2: its field label is no text but a number", refused(file, "label"));
    // Content says more than a name.
    assertEquals(texts, read(Files.copy(file, folder.resolve("a.bin")), "question"));
  }

  @Test
  void documentsWithoutATextAreCounted() throws IOException {
    Path file =
        write("a.jsonl", "{\"text\": \"x\"}\n{\"a\": 1}\n{\"text\": null}\n{\"text\": \"y\"}\n");
    try (TextFile opened = new TextFile(file, null, true)) {
      while (opened.next() != null) {
        // Only counted.
      }
      assertEquals(2, opened.leftOut());
      assertEquals(2, opened.firstLeftOut());
    }
    try (TextFile opened = new TextFile(file, null, false)) {
      opened.next();
      assertThrows(InputException.class, opened::next);
    }
  }

  @Test
  void whatIsNoTextIsNamed() throws IOException {
    assertEquals(
        "document 1: its field text is no text but a list; texts are wanted, not their tokens",
        refused(write("a.jsonl", "{\"text\": [1, 2]}\n"), null));
    assertEquals(
        "line 1 is not valid JSON: half of a surrogate pair, \\ud83d",
        refused(write("a.jsonl", "{\"text\": \"\\ud83d\"}\n"), null));
    assertEquals(
        "no document has a text in the field text; they have ids: name one with --field",
        refused(write("a.jsonl", "{\"ids\": [1]}\n"), null));
    assertTrue(
        refused(write("a.jsonl", "{\"text\": \"x\"}\nnothing\n"), null).startsWith("line 2 "));
    assertEquals(
        "line 1: the array has what is neither an object nor a text",
        refused(write("a.json", "[1]\n"), null));
    Path wide = folder.resolve("wide.jsonl");
    Files.write(wide, ("\ufeff" + LINES).getBytes(StandardCharsets.UTF_16LE));
    assertTrue(refused(wide, null).startsWith("is a UTF-16 text"));
  }

  /** A pipe is read once, so that it is plain text or nothing. */
  @Test
  @Timeout(30)
  void jsonLinesInAPipeAreNotTakenForText() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "there are no pipes");
    Thread.ofVirtual().start(() -> fill(pipe, LINES));
    assertTrue(refused(pipe, null).startsWith("is JSON Lines in a pipe"));
    Thread.ofVirtual().start(() -> fill(pipe, "{\"content\": \"x\"}\n"));
    assertTrue(refused(pipe, null).startsWith("is JSON Lines in a pipe"));
    Thread.ofVirtual().start(() -> fill(pipe, "so it goes"));
    assertEquals(List.of("so it goes"), read(pipe, null));
  }

  private static void fill(Path pipe, String text) {
    try {
      Files.writeString(pipe, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
