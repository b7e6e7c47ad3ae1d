package aviary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code aviary train} on a short text, with a model small enough to learn it in a moment. */
final class SmallTraining {
  private static final List<String> USUAL = List.of("--length=24", "--batch-size=4");
  private static final List<String> SHAPE = List.of("--layers=1", "--width=16", "--head-size=8");

  private SmallTraining() {}

  /** Writes a text to learn from. */
  static Path text(Path folder) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), "so it goes, and goes on. ".repeat(60));
  }

  /** Trains; what the options leave out is small. */
  static Run run(Path text, Path output, String... options) {
    List<String> words = new ArrayList<>(List.of("train", "--data", text.toString()));
    words.add("--output=" + output);
    words.addAll(List.of(options));
    List<String> all = new ArrayList<>(USUAL);
    if (words.stream().noneMatch(word -> word.startsWith("--model="))) {
      all.addAll(SHAPE);
    }
    for (String usual : all) {
      if (words.stream().noneMatch(word -> word.startsWith(usual.replaceAll("=.*", "=")))) {
        words.add(usual);
      }
    }
    return Run.of(words.toArray(String[]::new));
  }
}
