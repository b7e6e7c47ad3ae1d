package aviary;

/**
 * What the bytes of an input say about whether it is text.
 *
 * @param count how many there are
 * @param evenZeros zeros at even offsets
 * @param oddZeros zeros at odd offsets
 * @param evenControls other control characters that no text has, at even offsets
 * @param oddControls the same at odd offsets
 * @param latin the encoding of two or four bytes in which each character is a single byte that is
 *     not zero; null if there is none
 */
public record TextBytes(
    int count, int evenZeros, int oddZeros, int evenControls, int oddControls, String latin) {

  /** Shares of a few bytes say nothing. */
  private static final int FEWEST = 16;

  /** More is not needed to know. */
  private static final int MOST = 1 << 16;

  /**
   * Counts.
   *
   * @param bytes of which the first 65,536 are looked at
   */
  public static TextBytes of(byte[] bytes) {
    int count = Math.min(bytes.length, MOST);
    int[] zeros = new int[2];
    int[] controls = new int[2];
    for (int i = 0; i < count; i++) {
      int b = bytes[i] & 0xFF;
      if (b == 0) {
        zeros[i & 1]++;
      } else if (isControl(b)) {
        controls[i & 1]++;
      }
    }
    return new TextBytes(count, zeros[0], zeros[1], controls[0], controls[1], latin(bytes, count));
  }

  /** Backspace to carriage return, and escape, occur in texts; the end-of-file of DOS too. */
  private static boolean isControl(int b) {
    return b < 8 || b > 13 && b < 26 || b > 27 && b < 32 || b == 127;
  }

  private static String latin(byte[] bytes, int count) {
    if (isSpaced(bytes, count, 2, 0)) {
      return "UTF-16LE";
    }
    if (isSpaced(bytes, count, 2, 1)) {
      return "UTF-16BE";
    }
    if (isSpaced(bytes, count, 4, 0)) {
      return "UTF-32LE";
    }
    return isSpaced(bytes, count, 4, 3) ? "UTF-32BE" : null;
  }

  /** Whether there are two characters or more, with a byte each, and all others are zero. */
  private static boolean isSpaced(byte[] bytes, int count, int width, int at) {
    for (int i = 0; i < count; i++) {
      if ((bytes[i] != 0) != (i % width == at)) {
        return false;
      }
    }
    return count >= 2 * width;
  }

  /**
   * UTF-16LE, UTF-16BE, UTF-32LE or UTF-32BE if it is text of that encoding, most of it Latin; null
   * otherwise. Numbers of 16 bits have zeros at one side too, but control characters at the other.
   */
  public String wideEncoding() {
    if (latin != null && controls() == 0) {
      return latin;
    }
    if (count < FEWEST) {
      return null;
    }
    if (zeros() > count * 0.7 && zeros() < count * 0.8 && controls() == 0) {
      return oddZeros > evenZeros ? "UTF-32LE" : "UTF-32BE";
    }
    int enough = (int) (count / 2 * 0.3);
    if (oddZeros > enough && evenZeros == 0 && evenControls == 0) {
      return "UTF-16LE";
    }
    return evenZeros > enough && oddZeros == 0 && oddControls == 0 ? "UTF-16BE" : null;
  }

  /**
   * Whether there are far too many zeros and control characters for a text. Some are no sign: texts
   * are also separated by zeros.
   */
  public boolean isBinary() {
    return latin != null || count >= FEWEST && (zeros() > count / 4 || controls() > count / 20);
  }

  /** Whether there are as many control characters as only binary files have. */
  public boolean hasControls() {
    return controls() + zeros() > count / 100;
  }

  /** Whether there is no control character that texts do not have. */
  public boolean isClean() {
    return controls() + zeros() == 0;
  }

  private int controls() {
    return evenControls + oddControls;
  }

  private int zeros() {
    return evenZeros + oddZeros;
  }
}
