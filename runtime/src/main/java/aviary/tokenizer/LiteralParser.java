package aviary.tokenizer;

import java.util.function.Function;

/**
 * Reads Python's string and bytes literals, those of one line with the escapes {@code \n \t \r \\
 * \' \"} and {@code \xHH}, and in strings {@code \}{@code uHHHH} and {@code \UHHHHHHHH}. What
 * Python would refuse is refused, and so is every other escape.
 */
final class LiteralParser {
  private final byte[] text;
  private final Function<String, RuntimeException> malformed;

  /**
   * @param text where the literals are
   * @param malformed makes the exception for what is wrong with one
   */
  LiteralParser(byte[] text, Function<String, RuntimeException> malformed) {
    this.text = text;
    this.malformed = malformed;
  }

  /**
   * Reads the literal that takes all of {@code from .. to}: a string gives its UTF-8 bytes, a bytes
   * literal its bytes.
   *
   * @param out takes the bytes; never more than the literal has itself
   * @return the place in {@code out} behind them
   */
  int parse(int from, int to, byte[] out, int at) {
    boolean isBytes = from < to && text[from] == 'b';
    int i = isBytes ? from + 1 : from;
    if (i >= to || text[i] != '\'' && text[i] != '"') {
      throw malformed.apply("the literal does not begin with a quote");
    }
    byte quote = text[i++];
    if (i >= to || text[to - 1] != quote) {
      throw malformed.apply("the literal does not end with the quote that it begins with");
    }
    int last = to - 1;
    while (i < last) {
      byte c = text[i];
      if (c == quote) {
        throw malformed.apply("there is an unescaped quote within the literal");
      }
      if (c == '\\') {
        at = escape(i, last, isBytes, out, at);
        i += escapeLength(i);
      } else if (c >= 0) {
        out[at++] = c;
        i++;
      } else {
        int length = character(i, last, isBytes);
        System.arraycopy(text, i, out, at, length);
        at += length;
        i += length;
      }
    }
    return at;
  }

  private int character(int i, int last, boolean isBytes) {
    if (isBytes) {
      throw malformed.apply("there is a character beyond ASCII in a bytes literal");
    }
    int length = Utf8.scan(text, i, last);
    if (length <= 0) {
      throw malformed.apply("the literal is not valid UTF-8");
    }
    return length;
  }

  /**
   * Backslash, letter, and the hexadecimal digits that belong to it; the letter has been checked.
   */
  private int escapeLength(int i) {
    return 2 + digits(text[i + 1]);
  }

  private static int digits(byte letter) {
    return switch (letter) {
      case 'x' -> 2;
      case 'u' -> 4;
      case 'U' -> 8;
      default -> 0;
    };
  }

  private int escape(int i, int last, boolean isBytes, byte[] out, int at) {
    if (i + 1 >= last) {
      throw malformed.apply("the literal does not end: its last quote is escaped");
    }
    byte letter = text[i + 1];
    switch (letter) {
      case 'n' -> out[at] = '\n';
      case 't' -> out[at] = '\t';
      case 'r' -> out[at] = '\r';
      case '\\', '\'', '"' -> out[at] = letter;
      default -> {
        int digits = digits(letter);
        if (digits == 0 || isBytes && letter != 'x') {
          throw malformed.apply(
              "\\%s is no escape of a %s literal"
                  .formatted(name(letter), isBytes ? "bytes" : "string"));
        }
        int code = hexadecimal(i + 2, digits, last);
        if (isBytes) {
          out[at] = (byte) code;
        } else if (!Character.isValidCodePoint(code) || code >= 0xD800 && code <= 0xDFFF) {
          throw malformed.apply("U+%04X is no Unicode character".formatted(code));
        } else {
          return Utf8.write(code, out, at);
        }
      }
    }
    return at + 1;
  }

  private int hexadecimal(int from, int digits, int last) {
    int code = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < last ? Character.digit(text[i], 16) : -1;
      if (digit < 0) {
        throw malformed.apply(
            "\\%s needs %d hexadecimal digits".formatted(name(text[from - 1]), digits));
      }
      code = code << 4 | digit;
    }
    return code;
  }

  private static String name(byte letter) {
    return letter > ' ' && letter < 127
        ? String.valueOf((char) letter)
        : "x%02x".formatted(letter & 0xFF);
  }
}
