package aviary.model;

import aviary.InputException;
import aviary.safetensors.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Finds out what the training code divided by before the group norm, which no tensor tells: from
 * the file's metadata, or {@code config.json} beside it; all published models have 8.
 */
final class HeadSizeDivisor {

  /** The key in the metadata and in Hugging Face's {@code config.json}. */
  static final String KEY = "head_size_divisor";

  private static final String PUBLISHED = "8";

  /** The published ones have less than two thousand bytes. */
  private static final long LONGEST_CONFIG = 10_000_000;

  private HeadSizeDivisor() {}

  /**
   * The divisor as it is written.
   *
   * @throws MalformedFileException if {@code config.json} is damaged
   * @throws InputException if it is not a positive number
   */
  static String find(Checkpoint checkpoint) throws IOException {
    String inFile = checkpoint.metadata().get(KEY);
    if (inFile != null) {
      return checked(checkpoint.path(), inFile);
    }
    Path config = checkpoint.path().resolveSibling("config.json");
    String beside = Files.isRegularFile(config) ? read(config) : null;
    return beside == null ? PUBLISHED : checked(config, beside);
  }

  private static String checked(Path path, String text) {
    try {
      float divisor = Float.parseFloat(text);
      // It is used squared, and as part of a number that must not vanish.
      float squared = divisor * divisor;
      if (divisor > 0 && 1e-5f * squared > Float.MIN_NORMAL && Float.isFinite(squared)) {
        return text;
      }
    } catch (NumberFormatException e) {
      // Told below, like the numbers that make no sense.
    }
    throw new InputException(
        "%s: its %s is %s, wanted a positive number such as 8"
            .formatted(path, KEY, TensorNames.shown(text)));
  }

  /** The value in {@code config.json}, or null where that does not have it. */
  private static String read(Path config) throws IOException {
    if (Files.size(config) > LONGEST_CONFIG) {
      throw new MalformedFileException(config, "is too long for a config.json; move it away");
    }
    byte[] text = Files.readAllBytes(config);
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedFileException(
            config, "is not a JSON object; correct it or move it away");
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals(KEY)) {
          return json.getString();
        }
        json.skipChildren();
      }
      return null;
    } catch (JacksonException e) {
      throw new MalformedFileException(
          config, "is not valid JSON (" + e.getOriginalMessage() + "); download it again", e);
    }
  }
}
