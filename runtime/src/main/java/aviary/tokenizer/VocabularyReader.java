package aviary.tokenizer;

import aviary.FileKind;
import aviary.InputException;
import aviary.text.ByteOrderMark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads a vocabulary file, straight from its bytes: it is on the way of every start. One line a
 * token: index, literal, length, parted by the line's first and last space. Or, as folders of
 * Hugging Face's form have it, a literal alone, whose index is the number of its line, from 0: the
 * first is the end-of-text token's and stands for no bytes.
 */
final class VocabularyReader {
  private static final int MAX_INDEX = 65535;

  /** The published file has 1 MB; what is much larger was named by mistake. */
  private static final long MAX_FILE_BYTES = 64L << 20;

  private final Path file;
  private byte[] text = {};
  private TokenTrie trie = new TokenTrie(0);
  private byte[] pool = {};
  private int pooled;
  private final int[] begin = new int[MAX_INDEX + 1];
  private final int[] end = new int[MAX_INDEX + 1];
  private int line;
  private int largest;

  VocabularyReader(Path file) {
    this.file = file;
  }

  WorldTokenizer read() throws IOException {
    load();
    int start = ByteOrderMark.length(text);
    requireVocabulary(start);
    boolean numbered = isNumbered(start);
    for (int from = start; from < text.length; ) {
      int to = from;
      while (to < text.length && text[to] != '\n') {
        to++;
      }
      line++;
      // A checkout on Windows may have put carriage returns there; no field can end in one.
      int end = to > from && text[to - 1] == '\r' ? to - 1 : to;
      if (numbered) {
        readLine(from, end);
      } else {
        readLiteral(from, end);
      }
      from = to + 1;
    }
    checkSingleBytes();
    return new WorldTokenizer(
        trie,
        Arrays.copyOf(pool, pooled),
        Arrays.copyOf(begin, largest + 1),
        Arrays.copyOf(end, largest + 1));
  }

  private boolean isNumbered(int start) {
    return text.length > start && text[start] >= '0' && text[start] <= '9';
  }

  /** Names a file that is something else; what is wrong within a vocabulary is told by its line. */
  private void requireVocabulary(int start) {
    FileKind kind =
        FileKind.of(
            Arrays.copyOf(text, Math.min(text.length, FileKind.START)),
            text.length > FileKind.START);
    boolean may =
        switch (kind.format()) {
          case VOCABULARY -> true;
          case TEXT -> isNumbered(start);
          case UNKNOWN -> true; // such as a vocabulary that was damaged
          case EMPTY, JSON, WEB_PAGE, SAFETENSORS, TORCH, PARQUET, GZIP, PACKED, OTHER, BINARY ->
              false;
        };
    if (!may) {
      throw new InputException(
          "vocabulary %s: is %s, not a vocabulary: wanted %s (a line has index, literal and length) or"
                  .formatted(file, kind.described(), Tokenizers.FILE_NAME)
              + " %s of Hugging Face (a line has a literal)"
                  .formatted(Tokenizers.HUGGING_FACE_NAME));
    }
  }

  private void load() throws IOException {
    if (!Files.exists(file)) {
      throw new InputException("vocabulary %s: no such file".formatted(file));
    }
    if (Files.isDirectory(file)) {
      throw new InputException(
          "vocabulary %s: is a folder; name the file in it, usually %s"
              .formatted(file, Tokenizers.FILE_NAME));
    }
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new InputException(
          "vocabulary %s: is %s of %d bytes, which are too many for a vocabulary"
              .formatted(file, FileKind.of(file).title(), Files.size(file)));
    }
    text = Files.readAllBytes(file);
    // No literal is shorter than its bytes. A node takes about 9 bytes of the published file.
    pool = new byte[text.length];
    trie = new TokenTrie(text.length / 8);
  }

  private void readLine(int from, int to) {
    int first = from;
    while (first < to && text[first] != ' ') {
      first++;
    }
    int last = to - 1;
    while (last > first && text[last] != ' ') {
      last--;
    }
    if (last <= first) {
      throw malformed("it does not have the three fields index, literal, length");
    }
    int index = number(from, first, "index");
    if (index < 1 || index > MAX_INDEX) {
      throw malformed(
          "index %d is out of range 1 to %d (0 is the end-of-text token)"
              .formatted(index, MAX_INDEX));
    }
    if (begin[index] != end[index]) {
      throw malformed("index %d has already been given to another token".formatted(index));
    }
    int start = pooled;
    pooled = new LiteralParser(text, this::malformed).parse(first + 1, last, pool, pooled);
    int length = number(last + 1, to, "length");
    if (length != pooled - start) {
      throw malformed(
          "length %d is given, but the literal has %d bytes".formatted(length, pooled - start));
    }
    if (length == 0) {
      throw malformed("the literal is empty");
    }
    add(index, start);
  }

  /** A line that is a literal alone. The length of its bytes may be any. */
  private void readLiteral(int from, int to) {
    int index = line - 1;
    int start = pooled;
    pooled = new LiteralParser(text, this::malformed).parse(from, to, pool, pooled);
    if (index == 0) {
      requireEndOfText(new String(pool, start, pooled - start, StandardCharsets.UTF_8));
      pooled = start;
      return;
    }
    if (index > MAX_INDEX) {
      throw malformed("there are more than %d tokens".formatted(MAX_INDEX + 1));
    }
    if (pooled == start) {
      throw malformed("the literal is empty");
    }
    add(index, start);
  }

  /** Where the first line is another token's, all indices after it would be wrong. */
  private void requireEndOfText(String token) {
    if (!token.isEmpty() && !(token.startsWith("<") && token.endsWith(">"))) {
      throw malformed(
          "it is the end-of-text token's, such as b'<s>', and the token of index 1 is on the second");
    }
  }

  private void add(int index, int start) {
    int present = trie.add(pool, start, pooled, index);
    if (present > 0) {
      throw malformed("token %d has the same bytes as token %d".formatted(index, present));
    }
    if (present < 0) {
      throw malformed("the vocabulary's tokens are too many or too long");
    }
    begin[index] = start;
    end[index] = pooled;
    largest = Math.max(largest, index);
  }

  private int number(int from, int to, String field) {
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        value = -1;
        break;
      }
      value = Math.min(value * 10 + digit, Integer.MAX_VALUE);
    }
    if (from == to || value < 0) {
      throw malformed("the %s is not a number".formatted(field));
    }
    return (int) value;
  }

  private void checkSingleBytes() {
    byte[] single = new byte[1];
    int[] missing =
        IntStream.range(0, 256)
            .filter(b -> {
              single[0] = (byte) b;
              return (int) trie.longest(single, 0) == 0;
            })
            .toArray();
    if (missing.length > 0) {
      String named =
          Arrays.stream(missing)
              .limit(8)
              .mapToObj(b -> "0x" + HexFormat.of().toHexDigits((byte) b))
              .collect(Collectors.joining(", "));
      throw new InputException(
          "vocabulary %s: %d of the 256 single bytes have no token, without which not every text can be encoded: %s%s"
              .formatted(file, missing.length, named, missing.length > 8 ? ", ..." : ""));
    }
  }

  private InputException malformed(String problem) {
    return new InputException("vocabulary %s: line %d: %s".formatted(file, line, problem));
  }
}
