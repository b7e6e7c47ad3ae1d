package aviary.text;

import java.io.IOException;
import java.io.InputStream;

/** The byte order mark that editors on Windows put at the beginning of a text in UTF-8. */
public final class ByteOrderMark {
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private ByteOrderMark() {}

  /**
   * How many bytes it takes at the beginning of a text.
   *
   * @return 3, or 0 if there is none
   */
  public static int length(byte[] text) {
    for (int i = 0; i < MARK.length; i++) {
      if (i >= text.length || text[i] != MARK[i]) {
        return 0;
      }
    }
    return MARK.length;
  }

  /**
   * Skips it at the beginning of an input, if there is one.
   *
   * @param in which supports {@link InputStream#mark}
   * @throws IOException if it cannot be read
   */
  public static void skip(InputStream in) throws IOException {
    in.mark(MARK.length);
    if (length(in.readNBytes(MARK.length)) == 0) {
      in.reset();
    }
  }
}
