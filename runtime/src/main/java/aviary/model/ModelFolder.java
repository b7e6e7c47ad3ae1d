package aviary.model;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Finds the one model in a folder. */
final class ModelFolder {

  /** Hugging Face's names; where there are several, it takes them in this order too. */
  private static final List<String> HUGGING_FACE =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  /** What BlinkDL, others, and web-rwkv's and ai00's converters call a model. */
  private static final Pattern MODEL = Pattern.compile(".*\\.(safetensors|pth|st)");

  /** What PEFT puts beside an adapter's tensors. */
  private static final String ADAPTER_CONFIG = "adapter_config.json";

  /** The published ones have less than two thousand bytes. */
  private static final long LONGEST_CONFIG = 10_000_000;

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
    if (names.contains(ADAPTER_CONFIG)) {
      throw new InputException(folder + ": " + Adapters.refusal(adapter(folder)));
    }
    if (found.isEmpty()) {
      found = matching(names, name -> MODEL.matcher(name).matches());
    }
    if (isTraining(found)) {
      return folder.resolve(TrainingCheckpoint.FILE);
    }
    if (found.size() != 1) {
      throw new InputException(folder + (found.isEmpty() ? none(folder, names) : several(found)));
    }
    return folder.resolve(found.getFirst());
  }

  /** What kind of adapter a folder of PEFT's holds, and for which model. */
  private static String adapter(Path folder) throws IOException {
    Path config = folder.resolve(ADAPTER_CONFIG);
    String kind = "of PEFT";
    String base = "";
    if (Files.isRegularFile(config) && Files.size(config) <= LONGEST_CONFIG) {
      byte[] text = Files.readAllBytes(config);
      try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
        boolean isObject = json.nextToken() == JsonToken.START_OBJECT;
        while (isObject && json.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = json.currentName();
          JsonToken value = json.nextToken();
          if (value == JsonToken.VALUE_STRING && name.equals("peft_type")) {
            kind = "PEFT's " + TensorNames.shown(json.getString());
          } else if (value == JsonToken.VALUE_STRING && name.equals("base_model_name_or_path")) {
            base = " for " + TensorNames.shown(json.getString());
          }
          json.skipChildren();
        }
      } catch (JacksonException e) {
        // What the file says is only to name the adapter: that it is there tells enough.
      }
    }
    return kind + base + ", by its " + ADAPTER_CONFIG;
  }

  private static List<String> matching(List<String> names, Predicate<String> wanted) {
    return names.stream().filter(wanted).toList();
  }

  /** Whether all that is there is of one training, which wrote no model yet. */
  private static boolean isTraining(List<String> found) {
    return found.contains(TrainingCheckpoint.FILE)
        && List.of(TrainingCheckpoint.FILE, TrainingCheckpoint.STATE_FILE).containsAll(found);
  }

  private static String none(Path folder, List<String> names) {
    List<String> trainings =
        matching(
            names, name -> Files.exists(folder.resolve(name).resolve(TrainingCheckpoint.FILE)));
    if (!trainings.isEmpty()) {
      return ": is a folder of trainings: name one of " + shortened(trainings);
    }
    return ": is a folder without a model: wanted %s, or one *.safetensors, *.pth or *.st; it has %s"
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
