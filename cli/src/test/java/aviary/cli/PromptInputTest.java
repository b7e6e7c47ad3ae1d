package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and pipes that are given as texts: each command looks at what they are. */
class PromptInputTest {
  private static final String TEXT = "Once upon a time, é. ";

  @TempDir Path folder;
  private Path model;
  private Path file;
  private Path output;

  @BeforeEach
  void writeModel() throws IOException {
    model = SmallModel.byteLevel(folder);
    file = folder.resolve("prompt");
    output = folder.resolve("logits");
  }

  /** The words of a command that reads the file, or stdin where that is what it reads. */
  private List<String> command(String name) {
    return switch (name) {
      case "generate --prompt-file" ->
          List.of("generate", "--temperature=0", "--max-tokens=5", "--prompt-file=" + file);
      case "generate" -> List.of("generate", "--temperature=0", "--max-tokens=5");
      case "chat" -> List.of("chat", "--temperature=0", "--max-tokens=5");
      case "logits" -> List.of("logits", "--prompt-file=" + file, "--output=" + output);
      case "tokenize --file" -> List.of("tokenize", "--file=" + file);
      case "tokenize --jsonl" -> List.of("tokenize", "--jsonl");
      case "tokenize --decode" -> List.of("tokenize", "--decode");
      default -> List.of(name);
    };
  }

  private Run run(String name, byte[] input) throws IOException {
    Files.write(file, input);
    List<String> words = new ArrayList<>(command(name));
    words.add("--model=" + model);
    if (!words.getFirst().equals("tokenize")) {
      words.add("--device=reference");
    }
    return Run.withInput(input, words.toArray(String[]::new));
  }

  private static byte[] text(String name) {
    String text =
        switch (name) {
          case "tokenize --jsonl" -> "{\"text\": \"" + TEXT + "\"}\n";
          case "tokenize --decode" -> "79 110 99 101 32 117 112 111 110\n";
          default -> TEXT.repeat(3) + "\n";
        };
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] in(Charset charset, byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8).getBytes(charset);
  }

  private byte[] result(Run run) throws IOException {
    return Files.exists(output)
        ? Files.readAllBytes(output)
        : run.out().getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate --prompt-file",
        "generate",
        "chat",
        "logits",
        "tokenize --file",
        "tokenize",
        "tokenize --jsonl",
        "tokenize --decode"
      })
  void utf8IsReadWithAndWithoutAMarkAndAllElseIsNamed(String name) throws IOException {
    byte[] plain = text(name);
    byte[] wanted = result(run(name, plain).ok());
    byte[] marked = ("\ufeff" + new String(plain, StandardCharsets.UTF_8)).getBytes();
    assertEquals(new String(wanted), new String(result(run(name, marked).ok())));
    Files.deleteIfExists(output);

    String source = command(name).toString().contains(file.toString()) ? file.toString() : "stdin";
    for (String charset : List.of("UTF-16", "UTF-16LE", "UTF-16BE")) {
      refused(
          run(name, in(Charset.forName(charset), plain)), source + ": .*UTF-16.* text.*iconv.*");
    }
    for (String charset : List.of("UTF-16LE", "UTF-16BE")) {
      byte[] few = "65 66".getBytes(Charset.forName(charset));
      refused(run(name, few), source + ": is a " + charset + " text without .*iconv.*");
    }
    refused(
        run(name, new byte[] {0x1f, (byte) 0x8b, 8, 0}),
        source + ": is a file compressed with gzip.*");
    byte[] latin = in(StandardCharsets.ISO_8859_1, plain);
    if (latin.length < plain.length && !name.equals("tokenize --jsonl")) {
      refused(run(name, latin), source + ".*: is not UTF-8 text: byte 0xE9 at offset 18.*");
    }
    assertFalse(Files.exists(output));
  }

  /** A conversation's first line tells on which model it is. */
  private static void refused(Run run, String message) {
    String err = run.err().replaceFirst("bytes.safetensors on reference, .*\\R", "");
    new Run(run.code(), run.out(), err).assertRefused(message);
  }

  @Test
  void anArgumentIsTextAlready() {
    Run.of("tokenize", "--model=" + model, "\ufeffa").ok();
    assertEquals("239 187 191 97\n", Run.of("tokenize", "--model=" + model, "\ufeffa").out());
  }

  @Test
  void messagesBeforeAWrongByteAreAnswered() throws IOException {
    byte[] input = "Hello\r\nwhat\u00e9s\n".getBytes(StandardCharsets.ISO_8859_1);
    Run run = run("chat", input);
    assertEquals(Failure.BAD_INPUT, run.code());
    assertEquals(run("chat", "Hello\n".getBytes()).out(), run.out());
  }
}
