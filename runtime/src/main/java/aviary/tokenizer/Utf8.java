package aviary.tokenizer;

import aviary.InputException;
import java.nio.charset.StandardCharsets;

/** UTF-8 where the difference between incomplete and invalid matters. */
final class Utf8 {
  private Utf8() {}

  /**
   * Looks at the character that begins at {@code at}, by table 3-7 of the Unicode standard.
   *
   * @return its length in bytes; 0 if the bytes up to {@code end} are a beginning that more bytes
   *     can complete; or, negative, the number of bytes that can never become valid (a maximal
   *     subpart: one U+FFFD)
   */
  static int scan(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xFF;
    if (lead < 0x80) {
      return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
      return -1;
    }
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // Only the second byte has a range of its own: no overlong forms, no surrogates, nothing above
    // U+10FFFF.
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (int i = 1; i < length; i++) {
      if (at + i >= end) {
        return 0;
      }
      int next = bytes[at + i] & 0xFF;
      if (next < low || next > high) {
        return -i;
      }
      low = 0x80;
      high = 0xBF;
    }
    return length;
  }

  /**
   * Writes a code point.
   *
   * @param codePoint a Unicode scalar value: no surrogate
   * @return the place behind it
   */
  static int write(int codePoint, byte[] out, int at) {
    if (codePoint < 0x80) {
      out[at] = (byte) codePoint;
      return at + 1;
    }
    int length = codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
      out[at + i] = (byte) (0x80 | codePoint & 0x3F);
      codePoint >>= 6;
    }
    out[at] = (byte) (0xF00 >> length | codePoint);
    return at + length;
  }

  /**
   * The text's UTF-8 bytes.
   *
   * @throws InputException if the text has an unpaired surrogate, for which {@link String#getBytes}
   *     would silently give a question mark
   */
  static byte[] encode(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == length
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new InputException(
              "the text has an unpaired surrogate, U+%04X at character %d, which is no Unicode text"
                  .formatted((int) c, i));
        }
        i++;
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
