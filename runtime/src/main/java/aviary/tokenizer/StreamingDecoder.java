package aviary.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns bytes that arrive in pieces into text. A character whose bytes have not all come is held
 * back; U+FFFD stands for bytes that can never become valid, one for each maximal subpart, as the
 * Unicode standard recommends and Python does. For one stream and one thread.
 */
public final class StreamingDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  private byte[] held = new byte[0];

  /** Adds bytes and gives the text that they complete; often empty. */
  public String push(byte[] bytes) {
    byte[] all = joined(bytes);
    StringBuilder text = new StringBuilder(all.length);
    int from = 0;
    int at = 0;
    while (at < all.length) {
      int length = Utf8.scan(all, at, all.length);
      if (length > 0) {
        at += length;
      } else if (length == 0) {
        break;
      } else {
        append(text, all, from, at).append(REPLACEMENT);
        at -= length;
        from = at;
      }
    }
    append(text, all, from, at);
    held = Arrays.copyOfRange(all, at, all.length);
    return text.toString();
  }

  /**
   * Ends the stream: U+FFFD if a character was begun and not completed, otherwise nothing. Ready
   * for another stream.
   */
  public String flush() {
    String rest = held.length == 0 ? "" : String.valueOf(REPLACEMENT);
    held = new byte[0];
    return rest;
  }

  private byte[] joined(byte[] bytes) {
    if (held.length == 0) {
      return bytes;
    }
    byte[] all = Arrays.copyOf(held, held.length + bytes.length);
    System.arraycopy(bytes, 0, all, held.length, bytes.length);
    return all;
  }

  private static StringBuilder append(StringBuilder text, byte[] bytes, int from, int to) {
    return text.append(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }
}
