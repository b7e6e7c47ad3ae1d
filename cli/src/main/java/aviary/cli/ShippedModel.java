package aviary.cli;

import aviary.InputException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model that aviary comes with, in its folder {@code models}. */
enum ShippedModel {
  /** Recalls values of keys: MQAR with 4 pairs in 64 tokens of 8192. */
  MQAR("mqar-finch"),
  /** Continues English in the style of the King James Bible, byte by byte. */
  STORY("story-finch");

  /** Where the folder is; the launcher sets it. */
  static final String PROPERTY = "aviary.models";

  private final String name;

  ShippedModel(String name) {
    this.name = name;
  }

  /**
   * Its file.
   *
   * @throws InputException if it is not there
   */
  Path path() {
    String folder = System.getProperty(PROPERTY);
    if (folder != null) {
      Path file = Path.of(folder).resolve(name + ".safetensors");
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new InputException(
        "--model is missing, and %s, which would be used without it, is not here; ./aviary has it in its folder models"
            .formatted(name));
  }

  /** Says that it is used as no model was named; to be called when all input was found usable. */
  void announce(PrintStream err) {
    err.println("aviary: without --model this uses " + this);
  }

  @Override
  public String toString() {
    return name;
  }
}
