package aviary.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes safetensors files. A file is there whole or not at all: it is written under a temporary
 * name in the target's folder, forced to the disk, and moved into place in one step; devices and
 * pipes ({@code /dev/stdout}) are written to directly.
 */
public final class SafetensorsWriter {

  /** The data start at a multiple of this, which suits vector loads and cache lines. */
  private static final int ALIGNMENT = 64;

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * A tensor to be written.
   *
   * @param name its name; no two of a file are the same
   * @param dtype the type of one element
   * @param shape the dimensions, outermost first; empty for a scalar
   * @param payload the elements
   */
  public record Entry(String name, DType dtype, long[] shape, Payload payload) {

    /** Checks the name and the shape. */
    public Entry {
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("no tensor can be called " + name);
      }
      if (Arrays.stream(shape).anyMatch(dimension -> dimension < 0)) {
        throw new IllegalArgumentException(name + " has shape " + Arrays.toString(shape));
      }
    }

    /** A tensor that is in memory or mapped. */
    public static Entry of(Tensor tensor) {
      return new Entry(tensor.name(), tensor.dtype(), tensor.shape(), Payload.of(tensor.data()));
    }

    /**
     * How many bytes the elements take.
     *
     * @throws ArithmeticException if it is 2^63 or more, or no whole number of bytes
     */
    public long byteSize() {
      long elements = 1;
      for (long dimension : shape) {
        elements = Math.multiplyExact(elements, dimension);
      }
      return dtype.bytes(elements);
    }
  }

  private SafetensorsWriter() {}

  /**
   * Writes a file.
   *
   * @param target the file; replaced if it is there, also where tensors to be written are views of
   *     it
   * @param metadata strings to keep beside the tensors; may be empty
   * @param entries the tensors, in the order that they get in the file
   * @throws IllegalArgumentException if two tensors have the same name, a name is not Unicode, or
   *     the header passes the format's 100 MB
   * @throws IllegalStateException if a payload wrote more or fewer bytes than its shape says
   * @throws IOException if the file cannot be written, in one line that names it; or what a payload
   *     threw. The target is then as it was
   */
  public static void write(Path target, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    byte[] header = header(metadata, entries);
    WholeFile.write(
        target,
        out -> {
          out.write(ByteBuffer.wrap(header));
          for (Entry entry : entries) {
            ExactChannel exact = new ExactChannel(entry, out);
            entry.payload().writeTo(exact);
            exact.checkWhole();
          }
        });
  }

  /** The length, the JSON, and as many spaces as the alignment needs. */
  private static byte[] header(Map<String, String> metadata, List<Entry> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[Long.BYTES]);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      writeJson(json, metadata, entries);
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(' ');
    }
    byte[] header = out.toByteArray();
    int length = header.length - Long.BYTES;
    if (length > SafetensorsHeader.LONGEST) {
      throw new IllegalArgumentException("a header of " + length + " bytes is too long");
    }
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return header;
  }

  private static void writeJson(
      JsonGenerator json, Map<String, String> metadata, List<Entry> entries) {
    json.writeStartObject();
    if (!metadata.isEmpty()) {
      json.writeObjectPropertyStart(SafetensorsHeader.METADATA);
      // In an order of its own, so that the same contents make the same bytes.
      new TreeMap<>(metadata)
          .forEach((key, value) -> json.writeStringProperty(text(key), text(value)));
      json.writeEndObject();
    }
    Set<String> names = new HashSet<>();
    long begin = 0;
    for (Entry entry : entries) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("two tensors are called " + entry.name());
      }
      long end = Math.addExact(begin, entry.byteSize());
      json.writeObjectPropertyStart(text(entry.name()));
      json.writeStringProperty("dtype", entry.dtype().name());
      json.writeName("shape");
      json.writeArray(entry.shape(), 0, entry.shape().length);
      json.writeName("data_offsets");
      json.writeArray(new long[] {begin, end}, 0, 2);
      json.writeEndObject();
      begin = end;
    }
    json.writeEndObject();
  }

  /** Half of a surrogate pair has no UTF-8, and would come out as something else. */
  private static String text(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("not Unicode text: " + text);
    }
    return text;
  }

  /** Holds a payload to the size that the header promises. */
  private static final class ExactChannel implements WritableByteChannel {
    private final Entry entry;
    private final WritableByteChannel out;
    private long left;

    ExactChannel(Entry entry, WritableByteChannel out) {
      this.entry = entry;
      this.out = out;
      this.left = entry.byteSize();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > left) {
        throw new IllegalStateException(
            "tensor %s: more than its %d bytes were written"
                .formatted(entry.name(), entry.byteSize()));
      }
      left -= bytes.remaining();
      return out.write(bytes);
    }

    void checkWhole() {
      if (left != 0) {
        throw new IllegalStateException(
            "tensor %s: only %d of its %d bytes were written"
                .formatted(entry.name(), entry.byteSize() - left, entry.byteSize()));
      }
    }

    @Override
    public boolean isOpen() {
      return out.isOpen();
    }

    @Override
    public void close() {
      // The file goes on after this tensor.
    }
  }
}
