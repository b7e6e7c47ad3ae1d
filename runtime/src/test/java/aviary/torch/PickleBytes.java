package aviary.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes pickles operation by operation, as Python's pickler does and as an attacker might. */
final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A pickle of protocol 2, which torch.save uses. */
  PickleBytes() {
    raw(0x80, 2);
  }

  /** Operations and operands as they are. */
  PickleBytes raw(int... bytes) {
    Arrays.stream(bytes).forEach(out::write);
    return this;
  }

  PickleBytes ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  PickleBytes op(char operation) {
    return raw(operation);
  }

  PickleBytes global(String module, String name) {
    out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleBytes string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    raw('X').int32(utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  /** The shortest operation that holds the integer, as Python writes it. */
  PickleBytes integer(long value) {
    if (value >= 0 && value < 256) {
      return raw('K', (int) value);
    }
    if (value >= 0 && value < 65536) {
      return raw('M', (int) value & 255, (int) value >> 8);
    }
    if (value == (int) value) {
      return raw('J').int32((int) value);
    }
    raw(0x8a, 8);
    for (int i = 0; i < 64; i += 8) {
      out.write((int) (value >> i));
    }
    return this;
  }

  PickleBytes integers(long... values) {
    op('(');
    for (long value : values) {
      integer(value);
    }
    return op('t');
  }

  /** {@code torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, {})}. */
  PickleBytes tensor(Storage storage, long offset, long[] shape, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(storage)
        .integer(offset)
        .integers(shape)
        .integers(strides)
        .raw(0x89)
        .global("collections", "OrderedDict")
        .raw(')', 'R', 't', 'R');
  }

  PickleBytes storage(Storage storage) {
    return op('(')
        .string("storage")
        .global("torch", storage.type())
        .string(storage.key())
        .string("cpu")
        .integer(storage.elements())
        .raw('t', 'Q');
  }

  /** The pickle, ended. */
  byte[] end() {
    op('.');
    return out.toByteArray();
  }

  private PickleBytes int32(int value) {
    return raw(value & 255, value >> 8 & 255, value >> 16 & 255, value >>> 24);
  }

  /** A storage as a pickle refers to it. */
  record Storage(String type, String key, long elements) {}
}
