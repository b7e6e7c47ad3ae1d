package aviary.generation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for stop strings in bytes that arrive in pieces. Bytes that may be the beginning of one are
 * held back until it is known. It works on bytes, as tokens do; in UTF-8 a text is found in its
 * bytes exactly where it is in the text.
 */
final class StopScanner {
  private final byte[][] stops;
  private byte[] held = {};
  private long released;
  private boolean stopped;

  StopScanner(List<String> stops) {
    this.stops = stops.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  /**
   * Adds bytes and gives those, of them and of what was held, that stand before every stop string.
   */
  byte[] push(byte[] bytes) {
    byte[] all = Arrays.copyOf(held, held.length + bytes.length);
    System.arraycopy(bytes, 0, all, held.length, bytes.length);
    int cut = 0;
    while (cut < all.length && !begins(all, cut)) {
      cut++;
    }
    held = Arrays.copyOfRange(all, cut, all.length);
    released += cut;
    return Arrays.copyOf(all, cut);
  }

  /** Whether a stop string has come; nothing is to be pushed after it. */
  boolean stopped() {
    return stopped;
  }

  /** Whether bytes are held back. */
  boolean holds() {
    return held.length > 0;
  }

  /**
   * How many bytes it has given: the place where the stop string, or what may become one, begins.
   */
  long released() {
    return released;
  }

  /** Ends the stream and gives what was held, up to a stop string in it. */
  byte[] flush() {
    int cut = 0;
    while (!stopped && cut < held.length) {
      // A whole stop string may have been held back as part of the beginning of a longer one.
      begins(held, cut);
      cut += stopped ? 0 : 1;
    }
    byte[] rest = Arrays.copyOf(held, cut);
    held = new byte[0];
    released += cut;
    return rest;
  }

  /** Whether a stop string, or all that there is yet of one, begins at the place. */
  private boolean begins(byte[] all, int at) {
    boolean begins = false;
    for (byte[] stop : stops) {
      int length = Math.min(stop.length, all.length - at);
      if (Arrays.equals(all, at, at + length, stop, 0, length)) {
        begins = true;
        stopped |= length == stop.length;
      }
    }
    return begins;
  }
}
