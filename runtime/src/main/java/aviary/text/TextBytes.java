package aviary.text;

/**
 * What the bytes of an input say about whether it is text.
 *
 * @param count how many there are
 * @param controls control characters that no text has, without zeros
 * @param evenZeros zeros at even offsets
 * @param oddZeros zeros at odd offsets
 * @param evenControls control characters at even offsets
 * @param oddControls control characters at odd offsets
 */
record TextBytes(
    int count, int controls, int evenZeros, int oddZeros, int evenControls, int oddControls) {

  /** A few bytes say nothing. */
  private static final int FEWEST = 16;

  /** More is not needed to know. */
  private static final int MOST = 1 << 16;

  static TextBytes of(byte[] bytes) {
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
    return new TextBytes(
        count, controls[0] + controls[1], zeros[0], zeros[1], controls[0], controls[1]);
  }

  /** Backspace to carriage return, and escape, occur in texts; the end-of-file of DOS too. */
  private static boolean isControl(int b) {
    return b < 8 || b > 13 && b < 26 || b > 27 && b < 32 || b == 127;
  }

  /**
   * UTF-16 or UTF-32 if it is text of that encoding, most of it Latin; null otherwise. Numbers of
   * 16 bits have zeros at one side too, but control characters at the other.
   */
  String wideEncoding() {
    int half = count / 2;
    if (count < FEWEST) {
      return null;
    }
    int zeros = evenZeros + oddZeros;
    if (zeros > count * 0.7 && zeros < count * 0.8 && controls == 0) {
      return "UTF-32";
    }
    if (oddZeros > half * 0.3 && evenZeros == 0 && evenControls == 0) {
      return "UTF-16LE";
    }
    return evenZeros > half * 0.3 && oddZeros == 0 && oddControls == 0 ? "UTF-16BE" : null;
  }

  /**
   * Whether there are far too many zeros and control characters for a text. Some are no sign: texts
   * are also separated by zeros.
   */
  boolean isBinary() {
    return count >= FEWEST && (evenZeros + oddZeros > count / 4 || controls > count / 20);
  }

  /** Whether there are as many control characters as only binary files have. */
  boolean hasControls() {
    return controls + evenZeros + oddZeros > count / 100;
  }
}
