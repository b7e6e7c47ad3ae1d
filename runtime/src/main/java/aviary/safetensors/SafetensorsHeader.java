package aviary.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, checked whole against the length of the file: what it returns
 * can be trusted.
 *
 * @param metadata the strings under {@code __metadata__}, in the header's order
 * @param slots where the tensors are, by place; they cover the data without gap or overlap
 * @param dataStart the place in the file that the offsets count from
 */
record SafetensorsHeader(Map<String, String> metadata, List<Slot> slots, long dataStart) {

  /** As many as the reference implementation allows. */
  static final int LONGEST = 100_000_000;

  static final String METADATA = "__metadata__";

  /** No tensor library has more; it keeps hostile headers from holding long arrays. */
  private static final int MOST_DIMENSIONS = 64;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Map<String, DType> DTYPES = new HashMap<>();

  static {
    for (DType dtype : DType.values()) {
      DTYPES.put(dtype.name(), dtype);
    }
  }

  /**
   * One tensor.
   *
   * @param begin the place of the first byte, from the start of the data
   * @param end the place after the last byte
   */
  record Slot(String name, DType dtype, long[] shape, long begin, long end) {
    String where() {
      return "tensor " + name;
    }
  }

  /**
   * Reads and checks the header.
   *
   * @param path the file, for messages
   * @param file its bytes
   */
  static SafetensorsHeader read(Path path, MemorySegment file) throws MalformedFileException {
    byte[] text = text(path, file);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Slot> slots = new ArrayList<>();
    try (StrictJson json = new StrictJson(path, "the header", text)) {
      json.document(name -> {
        if (name.equals(METADATA)) {
          // Some writers put null there, which is as good as nothing.
          if (!json.isNull()) {
            json.object(METADATA, key -> metadata.put(key, json.string(METADATA + "." + key)));
          }
        } else {
          slots.add(slot(json, name));
        }
      });
    }
    long dataStart = 8L + text.length;
    slots.sort(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end));
    checkCover(path, slots, file.byteSize() - dataStart);
    return new SafetensorsHeader(metadata, slots, dataStart);
  }

  private static byte[] text(Path path, MemorySegment file) throws MalformedFileException {
    long size = file.byteSize();
    if (size < 8) {
      throw new MalformedFileException(
          path, "has %d bytes, too few for a safetensors file: download it again".formatted(size));
    }
    long length = file.get(LONG, 0);
    if (length < 0 || length > LONGEST) {
      throw new MalformedFileException(
          path,
          "is not a safetensors file: its first 8 bytes give a header of %s bytes, more than %d"
              .formatted(Long.toUnsignedString(length), LONGEST));
    }
    if (length > size - 8) {
      throw new MalformedFileException(
          path,
          "its header has %d bytes, but the file ends after %d of them: download it again"
              .formatted(length, size - 8));
    }
    byte[] text = file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
    int first = 0;
    while (first < text.length && isSpace(text[first])) {
      first++;
    }
    if (first == text.length || text[first] != '{') {
      throw new MalformedFileException(
          path, "is not a safetensors file: its header does not start with {");
    }
    int end = text.length;
    while (isSpace(text[end - 1])) {
      end--;
    }
    if (text[end - 1] != '}') {
      throw new MalformedFileException(
          path, "its header is not a JSON object followed by white space only: download it again");
    }
    return text;
  }

  /** What JSON takes for white space. */
  private static boolean isSpace(byte c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static Slot slot(StrictJson json, String name) throws MalformedFileException {
    String where = "tensor " + name;
    DType[] dtype = new DType[1];
    long[][] shapeAndOffsets = new long[2][];
    json.object(
        where,
        key -> {
          switch (key) {
            case "dtype" -> dtype[0] = dtype(json, where);
            case "shape" -> shapeAndOffsets[0] = json.integers(where + ".shape", MOST_DIMENSIONS);
            case "data_offsets" -> shapeAndOffsets[1] = json.integers(where + ".data_offsets", 2);
            default -> json.skip();
          }
        });
    long[] shape = shapeAndOffsets[0];
    long[] offsets = shapeAndOffsets[1];
    if (dtype[0] == null || shape == null || offsets == null || offsets.length != 2) {
      throw json.fail(where + " lacks one of dtype, shape and two data_offsets");
    }
    Slot slot = new Slot(name, dtype[0], shape, offsets[0], offsets[1]);
    checkSize(json, slot);
    return slot;
  }

  private static DType dtype(StrictJson json, String where) throws MalformedFileException {
    String found = json.string(where + ".dtype");
    DType dtype = DTYPES.get(found);
    if (dtype == null) {
      throw json.fail(
          "%s has type %s, wanted one of %s: convert it to one of these"
              .formatted(where, found, Arrays.toString(DType.values())));
    }
    return dtype;
  }

  private static void checkSize(StrictJson json, Slot slot) throws MalformedFileException {
    String what = slot.where() + " " + slot.dtype() + Arrays.toString(slot.shape());
    long elements = 1;
    long wanted;
    try {
      for (long dimension : slot.shape()) {
        elements = Math.multiplyExact(elements, dimension);
      }
      wanted = slot.dtype().bytes(elements);
    } catch (ArithmeticException e) {
      throw json.fail(
          what + " takes 2^63 bytes or more, or no whole number of bytes: the file is damaged");
    }
    if (slot.begin() > slot.end()) {
      throw json.fail(
          "%s ends at byte %d, before its start %d: the file is damaged"
              .formatted(what, slot.end(), slot.begin()));
    }
    if (slot.end() - slot.begin() != wanted) {
      throw json.fail(
          "%s takes %d bytes, but its data_offsets hold %d: the file is damaged"
              .formatted(what, wanted, slot.end() - slot.begin()));
    }
  }

  /** The format allows neither gaps nor overlaps, nor data that no tensor uses. */
  private static void checkCover(Path path, List<Slot> slots, long dataBytes)
      throws MalformedFileException {
    long covered = 0;
    String before = "the header";
    for (Slot slot : slots) {
      if (slot.end() > dataBytes) {
        throw new MalformedFileException(
            path,
            "%s ends at byte %d of the data, but the file has only %d: download it again"
                .formatted(slot.where(), slot.end(), dataBytes));
      }
      if (slot.begin() != covered) {
        throw new MalformedFileException(
            path,
            "%s starts at byte %d of the data, wanted %d: it %s %s, the file is damaged"
                .formatted(
                    slot.where(),
                    slot.begin(),
                    covered,
                    slot.begin() < covered ? "overlaps" : "leaves a hole after",
                    before));
      }
      covered = slot.end();
      before = slot.where();
    }
    if (covered != dataBytes) {
      throw new MalformedFileException(
          path,
          "holds %d bytes of data, but its tensors only use %d: the file is damaged"
              .formatted(dataBytes, covered));
    }
  }
}
