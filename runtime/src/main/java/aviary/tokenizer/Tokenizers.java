package aviary.tokenizer;

import aviary.HubFolder;
import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which tokenizer belongs to a model. */
public final class Tokenizers {
  /** The World vocabulary's name, as published. */
  public static final String FILE_NAME = "rwkv_vocab_v20230424.txt";

  /** The World vocabulary's name in model folders of Hugging Face's form. */
  public static final String HUGGING_FACE_NAME = "vocab.txt";

  /** The environment variable that may name a vocabulary; callers read it and pass its value. */
  public static final String VARIABLE = "AVIARY_VOCAB";

  private static final int BYTES = 256;

  /** The published vocabulary is of no model with fewer tokens. */
  private static final int WORLD = 65_530;

  private static final String NO_TEXT =
      "; a model of aviary mqar needs none, as its tokens are numbers: mqar eval runs it";

  private Tokenizers() {}

  /**
   * The tokenizer for a model. A model with 256 embeddings is byte-level and needs no vocabulary;
   * for others it is the file that {@code option} names, or {@code environment}, or {@value
   * #FILE_NAME} or {@value #HUGGING_FACE_NAME} in the model's folder.
   *
   * @param model the model's file or folder; of a folder of Hugging Face's hub, the snapshot counts
   * @param embeddings V, the rows of the model's embedding
   * @param option the file that the user named with {@code --vocab}, or null
   * @param environment the value of {@value #VARIABLE}, or null; empty is as good as null
   * @throws InputException if there is no vocabulary, it is malformed, or it does not fit the
   *     embedding
   * @throws IOException if it cannot be read
   */
  public static Tokenizer find(Path model, int embeddings, Path option, String environment)
      throws IOException {
    if (embeddings == BYTES && option == null) {
      return new ByteTokenizer();
    }
    Path file = option != null ? option : named(environment);
    if (file == null) {
      file = beside(model);
    }
    if (file == null) {
      throw new InputException(
          "no vocabulary for %s, which has %d tokens: put %s beside the model or name it with --vocab or"
                  .formatted(model, embeddings, FILE_NAME)
              + " %s; %s".formatted(VARIABLE, source() + (embeddings < WORLD ? NO_TEXT : "")));
    }
    WorldTokenizer tokenizer = WorldTokenizer.read(file);
    checkFit(file, tokenizer, embeddings);
    return tokenizer;
  }

  /**
   * The tokenizer of a vocabulary file, where no model is in play.
   *
   * @param option the file that the user named with {@code --vocab}, or null
   * @param environment the value of {@value #VARIABLE}, or null; empty is as good as null
   * @throws InputException if neither names a file, or the vocabulary is malformed
   * @throws IOException if it cannot be read
   */
  public static Tokenizer find(Path option, String environment) throws IOException {
    Path file = option != null ? option : named(environment);
    if (file == null) {
      throw new InputException(
          "no vocabulary: name %s with --vocab or %s; %s".formatted(FILE_NAME, VARIABLE, source()));
    }
    return WorldTokenizer.read(file);
  }

  /** The vocabulary in a model's folder, or null. */
  private static Path beside(Path model) throws IOException {
    Path folder =
        Files.isDirectory(model) ? HubFolder.resolve(model) : model.toAbsolutePath().getParent();
    for (String name : List.of(FILE_NAME, HUGGING_FACE_NAME)) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    return null;
  }

  private static Path named(String environment) {
    return environment == null || environment.isBlank() ? null : Path.of(environment);
  }

  private static String source() {
    return "the file is in BlinkDL's public repositories RWKV-LM and ChatRWKV on GitHub";
  }

  /** A few rows may be spare: 65536 rows serve the 65530 ids of the published vocabulary. */
  private static void checkFit(Path file, WorldTokenizer tokenizer, int embeddings) {
    int largest = tokenizer.size() - 1;
    if (largest >= embeddings) {
      throw new InputException(
          "vocabulary %s: has tokens up to %d, but the model's embedding has %d rows%s"
              .formatted(
                  file,
                  largest,
                  embeddings,
                  embeddings == BYTES
                      ? ": it is byte-level and needs no vocabulary"
                      : "; it needs another"));
    }
    if (embeddings - tokenizer.size() > embeddings / 16) {
      throw new InputException(
          "vocabulary %s: has tokens up to %d only, but the model's embedding has %d rows; it needs another"
              .formatted(file, largest, embeddings));
    }
  }
}
