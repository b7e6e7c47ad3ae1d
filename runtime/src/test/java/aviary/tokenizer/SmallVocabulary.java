package aviary.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Vocabularies for tests: the 256 single bytes at 1 to 256, and behind them whatever a test needs.
 */
public final class SmallVocabulary {
  private SmallVocabulary() {}

  /** The lines of the single bytes. */
  static List<String> singleBytes() {
    return IntStream.range(0, 256)
        .mapToObj(b -> "%d b'\\x%02x' 1".formatted(b + 1, b))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Writes the single bytes and more lines to a file. */
  public static Path write(Path folder, String... more) throws IOException {
    List<String> lines = singleBytes();
    lines.addAll(List.of(more));
    Path file = folder.resolve("vocabulary.txt");
    Files.writeString(file, String.join("\n", lines) + "\n");
    return file;
  }

  /** Writes the same in Hugging Face's form: a literal a line, of which the first ends texts. */
  public static Path writeLiterals(Path folder, String... more) throws IOException {
    StringBuilder lines = new StringBuilder("b'<s>'\n");
    for (int b = 0; b < 256; b++) {
      lines.append("b'\\x%02x'\n".formatted(b));
    }
    for (String literal : more) {
      lines.append(literal).append('\n');
    }
    return Files.writeString(folder.resolve("vocab.txt"), lines);
  }

  /** A World tokenizer whose tokens from 257 on are the given ASCII texts. */
  public static WorldTokenizer of(String... texts) {
    String[] lines = new String[texts.length];
    for (int i = 0; i < texts.length; i++) {
      String literal = texts[i].replace("\n", "\\n");
      int length = texts[i].getBytes(StandardCharsets.UTF_8).length;
      lines[i] = "%d '%s' %d".formatted(257 + i, literal, length);
    }
    try {
      Path folder = Files.createTempDirectory("vocabulary");
      Path file = write(folder, lines);
      WorldTokenizer tokenizer = WorldTokenizer.read(file);
      Files.delete(file);
      Files.delete(folder);
      return tokenizer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
