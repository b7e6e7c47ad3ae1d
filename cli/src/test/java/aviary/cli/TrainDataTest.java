package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training reads. */
class TrainDataTest {
  @TempDir Path folder;
  private Path text;
  private Path output;

  @BeforeEach
  void writeText() throws IOException {
    text = SmallTraining.text(folder);
    output = folder.resolve("out");
  }

  private Run train(String... options) {
    return SmallTraining.run(text, output, options);
  }

  private byte[] model() throws IOException {
    return Files.readAllBytes(output.resolve("model.safetensors"));
  }

  /** What a training makes of some data; in a folder of its own. */
  private byte[] trainedOn(Path data, String... options) throws IOException {
    text = data;
    output = folder.resolve("on " + data.getFileName());
    List<String> all = new ArrayList<>(List.of("--steps=2"));
    all.addAll(List.of(options));
    train(all.toArray(String[]::new)).ok();
    return model();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void documentsAreLearnedByTheirTexts() throws IOException {
    String first = "so it goes, é. ".repeat(30);
    String second = "and goes on.\n".repeat(20);
    // In bytes, the end-of-text token is the byte 0.
    byte[] wanted = trainedOn(write("plain.txt", first + "\0" + second + "\0"));
    String lines =
        "{\"text\": \"%s\"}\n{\"id\": 1, \"text\": \"%s\"}\n"
            .formatted(first, second.replace("\n", "\\n"));
    assertArrayEquals(wanted, trainedOn(write("a.jsonl", lines)));
    assertArrayEquals(wanted, trainedOn(write("marked.jsonl", "\ufeff" + lines)));
    assertArrayEquals(
        wanted,
        trainedOn(write("c.jsonl", lines.replace("\"text\"", "\"content\"")), "--field=content"));
    // A plain text among documents is one, too.
    assertArrayEquals(
        wanted,
        trainedOn(
            write("first.txt", first),
            "--data=" + write("second.jsonl", lines.substring(lines.indexOf('\n') + 1))));
  }

  @Test
  void plainFilesAreOneTextWithoutTheirMarks() throws IOException {
    byte[] wanted = trainedOn(write("whole.txt", "so it goes on. ".repeat(90)));
    Path half = write("half.txt", "\ufeff" + "so it goes on. ".repeat(45));
    assertArrayEquals(wanted, trainedOn(half, "--data=" + half));
  }

  @Test
  void parquetIsReadWithTheField() throws IOException {
    Path parquet =
        Path.of("..", "evaluation/src/test/resources/aviary/evaluation/data/snappy.parquet");
    text = parquet;
    train("--steps=2").assertRefused(".*no document has a text in the field text; .*--field");
    Run run = train("--steps=2", "--length=8", "--field=question").ok();
    assertTrue(run.err().contains("snappy.parquet: 4 documents\n"), run.err());
  }

  @Test
  void documentsWithoutATextAreTold() throws IOException {
    String line = "{\"text\": \"" + "so it goes on. ".repeat(60) + "\"}\n";
    text = write("a.jsonl", line + "{\"a\": 1}\n" + line + "{\"text\": null}\n");
    String err = train("--steps=2").ok().err();
    assertTrue(err.contains(text + ": 2 documents\n"), err);
    assertTrue(
        err.contains(text + ": left out 2 documents without a text, the first is document 2\n"),
        err);
  }

  @Test
  void whatIsNoTextIsRefusedByName() throws IOException {
    Files.write(text, ("\ufeff" + "so it goes ".repeat(99)).getBytes(StandardCharsets.UTF_16LE));
    train("--steps=2").assertRefused(".*text.txt: is a UTF-16 text; .*iconv.*");
    Files.write(text, "so it goé".repeat(99).getBytes(StandardCharsets.ISO_8859_1));
    train("--steps=2").assertRefused(".*is not UTF-8 text: byte 0xE9 at offset 8; .*");
    Files.write(text, new byte[4000]);
    train("--steps=2").assertRefused(".*is a binary file of no known kind.*");
    Files.writeString(text, "so it goes ".repeat(99));
    train("--steps=2", "--field=body").assertRefused("--field body: .*plain text.*");
    assertFalse(Files.exists(output));
  }
}
