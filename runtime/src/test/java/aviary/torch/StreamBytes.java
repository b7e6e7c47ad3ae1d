package aviary.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes files as torch.save did before PyTorch 1.6. */
final class StreamBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A file of a pickle, as far as its storages. */
  StreamBytes(byte[] pickle) {
    this(1001, true, pickle);
  }

  /** The same, of any version and byte order. */
  StreamBytes(long version, boolean littleEndian, byte[] pickle) {
    PickleBytes magic = new PickleBytes();
    out.writeBytes(magic.raw(0x8a, 10, 'l', 0xfc, 0x9c, 'F', 0xf9, ' ', 'j', 0xa8, 'P', 25).end());
    out.writeBytes(new PickleBytes().integer(version).end());
    out.writeBytes(
        new PickleBytes()
            .raw('}')
            .string("little_endian")
            .raw(littleEndian ? 0x88 : 0x89, 's')
            .end());
    out.writeBytes(pickle);
  }

  /** The list of the storages' keys. */
  StreamBytes keys(String... keys) {
    PickleBytes list = new PickleBytes().raw(']', '(');
    for (String key : keys) {
      list.string(key);
    }
    out.writeBytes(list.op('e').end());
    return this;
  }

  /** A storage, of which the number of elements may be another than its bytes have. */
  StreamBytes storage(long elements, byte[] bytes) {
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(elements).array());
    out.writeBytes(bytes);
    return this;
  }

  byte[] end() {
    return out.toByteArray();
  }

  /** The pickle of {@link SavedModel} and its storages. */
  static byte[] model() {
    return new StreamBytes(SavedModel.pickle())
        .keys("0", "1")
        .storage(6, SavedModel.floats())
        .storage(4, SavedModel.halves())
        .end();
  }
}
