package aviary.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files byte by byte, so that tests can make wrong ones. */
final class RawSafetensors {
  private RawSafetensors() {}

  /** A file of that header and as many bytes of data, which count up. */
  static byte[] bytes(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + text.length + dataBytes);
    out.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text);
    for (int i = 0; i < dataBytes; i++) {
      out.put((byte) i);
    }
    return out.array();
  }

  static Path file(Path folder, String header, int dataBytes) throws IOException {
    return Files.write(folder.resolve("raw.safetensors"), bytes(header, dataBytes));
  }
}
