package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a mapped zip file, as its central directory lists them, checked against the file:
 * every entry lies inside the file, overlaps no other, and is what its own header says. The format:
 * PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3 (zip64).
 */
final class ZipArchive {

  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int END_LENGTH = 22;
  private static final int END_64_LENGTH = 56;
  private static final int LOCATOR_64_LENGTH = 20;
  private static final int LOCAL_LENGTH = 30;
  private static final int CENTRAL_LENGTH = 46;
  private static final int ZIP64_EXTRA = 1;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int ENCRYPTED = 1;
  private static final int SIZES_FOLLOW = 8;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where the central directory is. */
  private record Directory(long start, long end, long entries) {}

  /**
   * One file of the archive.
   *
   * @param name its name
   * @param flags the general purpose flags
   * @param method how it is compressed
   * @param compressed its length in the archive
   * @param size its length
   * @param header the place of its local header
   * @param data the place of its bytes
   */
  record Entry(
      String name, int flags, int method, long compressed, long size, long header, long data) {}

  private final Path path;
  private final MemorySegment file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Reads the directory.
   *
   * @param path the file, for messages
   * @param file its bytes
   */
  ZipArchive(Path path, MemorySegment file) throws MalformedFileException {
    this.path = path;
    this.file = file;
    Directory directory = directory();
    long at = directory.start();
    for (long i = 0; i < directory.entries(); i++) {
      at = readEntry(at, directory);
    }
    checkOverlaps();
  }

  /** The entries by name, in the order of the directory. */
  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** The bytes of an entry where they lie in the file, which must not be compressed. */
  MemorySegment mapped(Entry entry) throws MalformedFileException {
    if (entry.method() != STORED) {
      throw fail(
          "%s is compressed, so it cannot be used in place: unpack the file and zip it again "
              + "without compression (zip -0)",
          entry.name());
    }
    return file.asSlice(entry.data(), entry.size());
  }

  /**
   * A copy of the bytes of a small entry, which may be compressed.
   *
   * @param longest how many bytes it may have
   */
  byte[] read(Entry entry, int longest) throws MalformedFileException {
    long size = Math.max(entry.size(), entry.compressed());
    if (size > longest) {
      throw fail("%s has %d bytes, wanted at most %d", entry.name(), size, longest);
    }
    MemorySegment bytes = file.asSlice(entry.data(), entry.compressed());
    if (entry.method() == STORED) {
      return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
    byte[] out = new byte[(int) entry.size()];
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(bytes.asByteBuffer());
      int length = 0;
      int step;
      while (length < out.length
          && (step = inflater.inflate(out, length, out.length - length)) > 0) {
        length += step;
      }
      // One byte more tells an entry that ends here from one that goes on.
      if (length < out.length || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
        throw fail(
            "%s does not unpack to the %d bytes that the zip says", entry.name(), out.length);
      }
      return out;
    } catch (DataFormatException e) {
      throw fail("%s is damaged: download the file again", entry.name());
    }
  }

  private Directory directory() throws MalformedFileException {
    long end = findEnd();
    long start = int32(end + 16);
    long size = int32(end + 12);
    long count = int16(end + 10);
    long locator = end - LOCATOR_64_LENGTH;
    if (locator >= 0 && file.get(INT, locator) == LOCATOR_64) {
      long end64 = file.get(LONG, locator + 8);
      if (end64 < 0 || end64 > locator - END_64_LENGTH || file.get(INT, end64) != END_64) {
        throw fail("its zip64 directory is not where the file says: download it again");
      }
      end = end64;
      count = file.get(LONG, end + 32);
      size = file.get(LONG, end + 40);
      start = file.get(LONG, end + 48);
    }
    if (start < 0 || size < 0 || start > end || size > end - start) {
      throw fail(
          "its zip directory of %d bytes at byte %d is not inside the file: download it again",
          size, start);
    }
    if (count < 0 || count > size / CENTRAL_LENGTH) {
      throw fail("its zip directory claims %d entries in %d bytes", count, size);
    }
    return new Directory(start, start + size, count);
  }

  private long findEnd() throws MalformedFileException {
    long size = file.byteSize();
    for (long at = size - END_LENGTH; at >= Math.max(0, size - END_LENGTH - 0xffff); at--) {
      if (file.get(INT, at) == END && at + END_LENGTH + int16(at + 20) == size) {
        return at;
      }
    }
    throw fail("its zip directory is missing: the file was cut short, download it again");
  }

  /** Reads the directory's entry at a place, and returns the place of the next. */
  private long readEntry(long at, Directory directory) throws MalformedFileException {
    if (directory.end() - at < CENTRAL_LENGTH || file.get(INT, at) != CENTRAL_HEADER) {
      throw fail("its zip directory is damaged at byte %d: download it again", at);
    }
    int nameLength = int16(at + 28);
    int extraLength = int16(at + 30);
    long next = at + CENTRAL_LENGTH + nameLength + extraLength + int16(at + 32);
    if (next > directory.end()) {
      throw fail("its zip directory is damaged at byte %d: download it again", at);
    }
    String name = text(at + CENTRAL_LENGTH, nameLength);
    long extra = at + CENTRAL_LENGTH + nameLength;
    long[] numbers = {int32(at + 24), int32(at + 20), int32(at + 42)};
    readZip64(name, extra, extraLength, numbers);
    Entry entry =
        new Entry(name, int16(at + 8), int16(at + 10), numbers[1], numbers[0], numbers[2], -1);
    if (entries.put(name, checked(entry, directory)) != null) {
      throw fail("its zip directory lists %s twice", name);
    }
    return next;
  }

  /**
   * Takes the numbers that are too large for 32 bits from the zip64 field.
   *
   * @param numbers size, compressed size and place, as the 32-bit fields have them; those that are
   *     all ones are replaced
   */
  private void readZip64(String name, long extra, int extraLength, long[] numbers)
      throws MalformedFileException {
    long end = extra + extraLength;
    for (long field = extra; end - field >= 4; field += 4 + int16(field + 2)) {
      if (int16(field) != ZIP64_EXTRA) {
        continue;
      }
      long value = field + 4;
      long valueEnd = value + int16(field + 2);
      for (int i = 0; i < numbers.length; i++) {
        if (numbers[i] == 0xffffffffL) {
          if (valueEnd > end || valueEnd - value < Long.BYTES) {
            throw fail("%s lacks its zip64 sizes: download the file again", name);
          }
          numbers[i] = file.get(LONG, value);
          value += Long.BYTES;
        }
      }
      return;
    }
  }

  /** Checks an entry against its own header, and finds its bytes. */
  private Entry checked(Entry entry, Directory directory) throws MalformedFileException {
    String name = entry.name();
    if ((entry.flags() & ENCRYPTED) != 0) {
      throw fail("%s is encrypted", name);
    }
    if (entry.method() != STORED && entry.method() != DEFLATED) {
      throw fail("%s is compressed by method %d, wanted 0 (stored)", name, entry.method());
    }
    if (entry.method() == STORED && entry.size() != entry.compressed()) {
      throw fail(
          "the zip says that %s has %d bytes and takes %d, though it is not compressed",
          name, entry.size(), entry.compressed());
    }
    long limit = directory.start();
    long header = entry.header();
    if (header < 0 || header > limit - LOCAL_LENGTH || file.get(INT, header) != LOCAL_HEADER) {
      throw fail("the zip says that %s is at byte %d, where it is not", name, header);
    }
    int nameLength = int16(header + 26);
    long data = header + LOCAL_LENGTH + nameLength + int16(header + 28);
    if (data > limit || entry.compressed() < 0 || entry.compressed() > limit - data) {
      throw fail(
          "the zip says that %s has %d bytes from byte %d, but only %d are there",
          name, entry.compressed(), data, Math.max(0, limit - data));
    }
    if (entry.size() < 0 || !text(header + LOCAL_LENGTH, nameLength).equals(name)) {
      throw fail("the zip's directory and its entries disagree about %s", name);
    }
    checkLocalSizes(entry);
    return new Entry(
        name, entry.flags(), entry.method(), entry.compressed(), entry.size(), header, data);
  }

  /** The local header repeats the sizes, unless they follow the data or are in a zip64 field. */
  private void checkLocalSizes(Entry entry) throws MalformedFileException {
    boolean follows = (int16(entry.header() + 6) & SIZES_FOLLOW) != 0;
    long compressed = int32(entry.header() + 18);
    long size = int32(entry.header() + 22);
    boolean large = compressed == 0xffffffffL || size == 0xffffffffL;
    if (!follows && !large && (compressed != entry.compressed() || size != entry.size())) {
      throw fail(
          "the zip's directory says that %s has %d bytes, its own header says %d",
          entry.name(), entry.size(), size);
    }
  }

  private void checkOverlaps() throws MalformedFileException {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(Comparator.comparingLong(Entry::header));
    for (int i = 1; i < ordered.size(); i++) {
      Entry before = ordered.get(i - 1);
      Entry entry = ordered.get(i);
      if (before.data() + before.compressed() > entry.header()) {
        throw fail("%s and %s overlap in the zip", before.name(), entry.name());
      }
    }
  }

  private int int16(long at) {
    return Short.toUnsignedInt(file.get(SHORT, at));
  }

  private long int32(long at) {
    return Integer.toUnsignedLong(file.get(INT, at));
  }

  private String text(long at, int length) {
    return new String(
        file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private MalformedFileException fail(String format, Object... arguments) {
    return new MalformedFileException(path, format.formatted(arguments));
  }
}
