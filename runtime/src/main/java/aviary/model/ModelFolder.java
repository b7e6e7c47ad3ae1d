package aviary.model;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the one model in a folder. */
final class ModelFolder {

  /** Hugging Face's names; where there are several, it takes them in this order too. */
  private static final List<String> HUGGING_FACE =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  /** The most files that a message names. */
  private static final int MOST_NAMED = 5;

  private ModelFolder() {}

  /**
   * The file to open: a file of tensors, or an index of several.
   *
   * @param folder the folder; those in it are not searched
   * @throws InputException if there is no model, or more than one
   * @throws IOException if the folder cannot be read
   */
  static Path find(Path folder) throws IOException {
    for (String name : HUGGING_FACE) {
      Path file = folder.resolve(name);
      // A link that leads nowhere counts, so that its absence is told and nothing else is opened.
      if (Files.exists(file) || Files.isSymbolicLink(file)) {
        return file;
      }
    }
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    List<String> found = matching(names, name -> name.endsWith(".index.json"));
    if (found.isEmpty()) {
      found = matching(names, name -> name.endsWith(".safetensors") || name.endsWith(".pth"));
    }
    if (found.size() != 1) {
      throw new InputException(folder + (found.isEmpty() ? none(names) : several(found)));
    }
    return folder.resolve(found.getFirst());
  }

  private static List<String> matching(List<String> names, Predicate<String> wanted) {
    return names.stream().filter(wanted).toList();
  }

  private static String none(List<String> names) {
    return ": is a folder without a model: wanted %s, or one *.safetensors or *.pth; it has %s"
        .formatted(String.join(", ", HUGGING_FACE), names.isEmpty() ? "nothing" : shortened(names));
  }

  private static String several(List<String> found) {
    return ": is a folder with %d models: name one of %s".formatted(found.size(), shortened(found));
  }

  private static String shortened(List<String> names) {
    String shown =
        names.stream().limit(MOST_NAMED).map(TensorNames::shown).collect(Collectors.joining(", "));
    int left = names.size() - MOST_NAMED;
    return left > 0 ? shown + " and " + left + " more" : shown;
  }
}
