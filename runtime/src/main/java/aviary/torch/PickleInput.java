package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The operations of a pickle and their operands, as bytes. */
final class PickleInput {

  private static final int LONGEST_LINE = 1000;

  private final Path path;
  private final ByteBuffer in;
  private int place;

  /**
   * @param path the file, for messages
   * @param pickle starts with a pickle, which may end before it
   */
  PickleInput(Path path, ByteBuffer pickle) {
    this.path = path;
    this.in = pickle;
  }

  /** How many bytes have been read. */
  int position() {
    return in.position();
  }

  /** The next operation's code. */
  int operation() throws MalformedFileException {
    place = in.position();
    return uint8();
  }

  int uint8() throws MalformedFileException {
    return Byte.toUnsignedInt(take(1).get());
  }

  int int32() throws MalformedFileException {
    return take(4).getInt();
  }

  /** An integer of that many bytes in two's complement. */
  Pickled integer(int bytes) throws MalformedFileException {
    ByteBuffer little = take(bytes);
    if (bytes > Long.BYTES) {
      return Pickled.Other.VALUE;
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (little.get() & 0xffL) << 8 * i;
    }
    // The highest bit that is there is the sign. No bytes at all are zero.
    int unused = Long.SIZE - 8 * bytes;
    return new Pickled.Scalar(bytes == 0 ? 0L : value << unused >> unused);
  }

  /** A string of that many bytes of UTF-8. */
  String text(long length) throws MalformedFileException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(take(length)).toString();
    } catch (CharacterCodingException e) {
      throw fail("has a string that is not UTF-8");
    }
  }

  /** A string of Python 2: text if it is UTF-8, else bytes, which have no use here. */
  Pickled string(long length) throws MalformedFileException {
    try {
      return new Pickled.Scalar(
          StandardCharsets.UTF_8.newDecoder().decode(take(length)).toString());
    } catch (CharacterCodingException e) {
      return Pickled.Other.VALUE;
    }
  }

  /** A line, as globals are named in. */
  String line() throws MalformedFileException {
    int start = in.position();
    while (uint8() != '\n') {
      if (in.position() - start > LONGEST_LINE) {
        throw fail("names a global of more than " + LONGEST_LINE + " characters");
      }
    }
    byte[] line = new byte[in.position() - 1 - start];
    in.get(start, line);
    return new String(line, StandardCharsets.UTF_8);
  }

  /** The next bytes, little-endian. */
  ByteBuffer take(long length) throws MalformedFileException {
    if (length < 0 || length > in.remaining()) {
      throw fail("ends too early");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) length);
    return bytes;
  }

  /** What to throw when the pickle names something that is none of {@link Globals}. */
  MalformedFileException refused(String global) {
    return new MalformedFileException(path, Globals.refusal(global));
  }

  /** What to throw when the operation just read makes no sense. */
  MalformedFileException fail(String problem) {
    return new MalformedFileException(
        path, "its pickle %s (byte %d): the file is damaged".formatted(problem, place));
  }
}
