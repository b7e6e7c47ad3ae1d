package aviary.cli;

import aviary.InputException;
import aviary.evaluation.text.TextFile;
import aviary.evaluation.text.TextForm;
import aviary.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a model is trained on, as tokens. Plain files are one text, one after the other as they are;
 * where there are documents, of JSON Lines or Parquet, each of them and each such text ends with
 * the end-of-text token, as RWKV's own tools write them.
 */
final class TrainingTexts {

  /** The most elements of an array. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private final Tokenizer tokenizer;
  private final PrintStream err;
  private final MessageDigest digest = ContentName.sha256();

  /** The file that is read. */
  private Path file;

  /** The plain text that has no token yet, in the first {@code plainLength} places. */
  private byte[] plain = {};

  private int plainLength;

  /** All tokens so far, in the first {@code count} places. */
  private int[] tokens = {};

  private int count;
  private long bytes;
  private boolean hasDocuments;

  /**
   * All texts.
   *
   * @param ids their tokens
   * @param bytesPerToken how many bytes of text a token is on average
   * @param identity tells them from others: the files' names, and what is in them
   */
  record Encoded(int[] ids, double bytesPerToken, String identity) {}

  private TrainingTexts(Tokenizer tokenizer, PrintStream err) {
    this.tokenizer = tokenizer;
    this.err = err;
  }

  /**
   * Reads files.
   *
   * @param field the documents' field; null for the usual one
   * @param err hears of files with documents what was read
   * @throws InputException if a file is none that can be learned from, or has nothing
   * @throws IOException if a file cannot be read
   */
  static Encoded read(List<Path> files, String field, Tokenizer tokenizer, PrintStream err)
      throws IOException {
    TrainingTexts texts = new TrainingTexts(tokenizer, err);
    for (Path file : files) {
      requireFile(file);
      texts.file = file;
      texts.add(field);
    }
    if (field != null && !texts.hasDocuments) {
      throw new InputException(
          "--field %s: all files of --data are plain text, which has no fields".formatted(field));
    }
    texts.endPlain();
    return new Encoded(
        texts.tokens.length == texts.count
            ? texts.tokens
            : Arrays.copyOf(texts.tokens, texts.count),
        (double) texts.bytes / texts.count,
        ContentName.of(files, texts.digest.digest()));
  }

  private static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InputException(
          "%s: is a folder; --data has to name files, such as %s"
              .formatted(file, file.resolve("*")));
    }
    if (Files.notExists(file)) {
      throw new InputException(file + ": there is no such file");
    }
  }

  private void add(String field) throws IOException {
    try (TextFile texts = new TextFile(file, field, true)) {
      if (texts.form() == TextForm.PLAIN) {
        byte[] text = texts.next();
        requireSome(text.length);
        addPlain(text);
      } else {
        addDocuments(texts);
      }
    }
  }

  private void addDocuments(TextFile texts) throws IOException {
    hasDocuments = true;
    endPlain();
    long before = bytes;
    long documents = 0;
    for (byte[] text = texts.next(); text != null; text = texts.next()) {
      if (text.length > 0) {
        documents++;
        append(text);
      }
    }
    requireSome(bytes - before);
    err.printf(Locale.ROOT, "aviary: %s: %,d documents%n", file, documents);
    if (texts.leftOut() > 0) {
      err.printf(
          Locale.ROOT,
          "aviary: %s: left out %,d documents without a text, the first is document %,d%n",
          file,
          texts.leftOut(),
          texts.firstLeftOut());
    }
  }

  private void requireSome(long length) {
    if (length == 0) {
      throw new InputException(file + ": is empty; there is nothing to learn from");
    }
  }

  private void addPlain(byte[] text) {
    if (plainLength == 0) {
      plain = text; // One file, however large, is not copied.
      plainLength = text.length;
      return;
    }
    long size = (long) plainLength + text.length;
    requireRoom(size);
    if (size > plain.length) {
      plain = Arrays.copyOf(plain, (int) Math.min(LONGEST, 2 * size));
    }
    System.arraycopy(text, 0, plain, plainLength, text.length);
    plainLength = (int) size;
  }

  private void requireRoom(long size) {
    if (size > LONGEST) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "%s: with it there is more text than a training can hold, %,d tokens or bytes",
              file,
              LONGEST));
    }
  }

  /** Ends the plain text, if there is one. By itself alone it has no end. */
  private void endPlain() {
    if (plainLength == 0) {
      return;
    }
    byte[] text = plain.length == plainLength ? plain : Arrays.copyOf(plain, plainLength);
    plain = new byte[0];
    plainLength = 0;
    if (hasDocuments) {
      append(text);
    } else {
      digest.update(text);
      bytes = text.length;
      tokens = tokenizer.encode(text);
      count = tokens.length;
    }
  }

  /** Adds a text and its end. */
  private void append(byte[] text) {
    int[] ids = tokenizer.encode(text);
    long size = (long) count + ids.length + 1;
    requireRoom(size);
    if (size > tokens.length) {
      tokens = Arrays.copyOf(tokens, (int) Math.min(LONGEST, Math.max(1024, 2 * size)));
    }
    System.arraycopy(ids, 0, tokens, count, ids.length);
    count += ids.length;
    tokens[count++] = tokenizer.endOfText();
    bytes += text.length;
    digest.update(text);
    digest.update((byte) 0);
  }
}
