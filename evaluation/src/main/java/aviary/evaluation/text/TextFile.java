package aviary.evaluation.text;

import aviary.InputException;
import aviary.evaluation.data.DocumentReader;
import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.data.ParquetReader;
import aviary.text.TextInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The texts of a file: the field of each document of JSON Lines or Parquet, or a plain file as one
 * text.
 */
public final class TextFile implements AutoCloseable {

  /** The field that holds the text in most data sets. */
  public static final String FIELD = "text";

  /** A message names no more fields. */
  private static final int MOST_NAMES = 20;

  private final Path file;
  private final String field;
  private final TextForm form;
  private final boolean leavesOut;
  private final DocumentReader documents;
  private byte[] ahead;
  private long read;
  private long leftOut;
  private long firstLeftOut;

  /** The names in documents without a text. */
  private final Set<String> fields = new LinkedHashSet<>();

  /**
   * Opens a file, which its content tells from others: a name that ends in {@code .jsonl} is JSON
   * Lines too, and so is another file whose first line is an object with the field, or all of whose
   * first lines are objects.
   *
   * @param field the documents' field; null for {@value #FIELD}
   * @param leavesOut whether documents without the field are left out; otherwise they are refused
   * @throws InputException if the file is of no such form, which is named
   * @throws IOException if it cannot be read
   */
  public TextFile(Path file, String field, boolean leavesOut) throws IOException {
    this.file = file;
    this.field = field == null ? FIELD : field;
    this.leavesOut = leavesOut;
    form = TextForm.of(file, this.field);
    documents =
        switch (form) {
          case PLAIN -> null;
          case JSON_LINES -> new JsonLinesReader(file);
          case PARQUET -> new ParquetReader(file);
        };
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** What the file is. */
  public TextForm form() {
    return form;
  }

  /** How many documents had no text and were left out so far. */
  public long leftOut() {
    return leftOut;
  }

  /** The number of the first document that was left out, from 1; 0 for none. */
  public long firstLeftOut() {
    return firstLeftOut;
  }

  /**
   * Whether there is a text, by reading the first; {@link #next} still gives that.
   *
   * @throws InputException if the file is damaged, or a document's field is no text
   * @throws IOException if it cannot be read
   */
  public boolean hasText() throws IOException {
    ahead = ahead == null ? next() : ahead;
    return ahead != null && (ahead.length > 0 || form != TextForm.PLAIN);
  }

  /**
   * The next text as UTF-8.
   *
   * @return null after the last
   * @throws InputException if the file is damaged, or a document's field is no text
   * @throws IOException if it cannot be read
   */
  public byte[] next() throws IOException {
    if (ahead != null) {
      byte[] text = ahead;
      ahead = null;
      return text;
    }
    if (documents == null) {
      return read++ == 0 ? plain() : null;
    }
    while (true) {
      Map<String, Object> document = documents.next();
      if (document == null) {
        requireAny();
        return null;
      }
      read++;
      Object value = document.get(field);
      if (value instanceof String text) {
        return utf8(text);
      }
      if (value != null) {
        throw bad("its field %s is no text but %s".formatted(field, kind(value)));
      }
      leaveOut(document.keySet());
    }
  }

  private byte[] plain() throws IOException {
    byte[] text = TextInput.read(file);
    // What files are is known from a first look, for which a pipe has to be read.
    if (!Files.isRegularFile(file) && TextForm.isJsonLines(text, field)) {
      throw new InputException(file + ": is JSON Lines in a pipe; save them in a file first");
    }
    return text;
  }

  private void leaveOut(Set<String> names) {
    if (fields.size() < MOST_NAMES) {
      fields.addAll(names);
    }
    if (!leavesOut) {
      throw new InputException(
          "%s: document %d has no text in the field %s, only %s; the field with the text has to be called %s"
              .formatted(file, read, field, names(), field));
    }
    leftOut++;
    if (firstLeftOut == 0) {
      firstLeftOut = read;
    }
  }

  private void requireAny() {
    if (leftOut > 0 && leftOut == read) {
      throw new InputException(
          "%s: no document has a text in the field %s; they have %s: name one with --field"
              .formatted(file, field, names()));
    }
  }

  private String names() {
    if (fields.isEmpty()) {
      return "none";
    }
    String shown =
        fields.stream()
            .limit(MOST_NAMES)
            .map(name -> name.replaceAll("\\p{Cntrl}+", " "))
            .collect(Collectors.joining(", "));
    return fields.size() > MOST_NAMES ? shown + " ..." : shown;
  }

  private byte[] utf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException e) {
      throw bad("its text has half of a surrogate pair, which is no character", e);
    }
  }

  private InputException bad(String problem) {
    return bad(problem, null);
  }

  private InputException bad(String problem, Exception cause) {
    return new InputException("%s: document %d: %s".formatted(file, read, problem), cause);
  }

  private static String kind(Object value) {
    return switch (value) {
      case List<?> _ -> "a list; texts are wanted, not their tokens";
      case Map<?, ?> _ -> "an object";
      case Boolean _ -> "true or false";
      case Number _ -> "a number";
      default -> "something else";
    };
  }

  @Override
  public void close() throws IOException {
    if (documents != null) {
      documents.close();
    }
  }
}
