package aviary.evaluation.data;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

/**
 * Documents that can be asked for by their position, as few-shot sampling does. They lie in a
 * temporary file, so that a training split of any size takes eight bytes a document of memory.
 */
public final class DocumentStore implements AutoCloseable {

  /** Gives documents until it gives null. */
  @FunctionalInterface
  public interface Documents {
    Map<String, Object> next() throws IOException;
  }

  private final FileChannel channel;
  private long[] ends = new long[64];
  private int size;

  /** Takes all documents. */
  public DocumentStore(Documents documents) throws IOException {
    Path file = Files.createTempFile("aviary-documents", ".bin");
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try (OutputStream out = keepOpen()) {
      for (Map<String, Object> document = documents.next();
          document != null;
          document = documents.next()) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        DocumentCodec.write(document, new DataOutputStream(bytes));
        bytes.writeTo(out);
        if (size == ends.length) {
          ends = Arrays.copyOf(ends, 2 * size);
        }
        ends[size] = bytes.size() + (size == 0 ? 0 : ends[size - 1]);
        size++;
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private OutputStream keepOpen() {
    return new BufferedOutputStream(Channels.newOutputStream(channel)) {
      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** The document at a position. */
  public Map<String, Object> get(int position) throws IOException {
    long begin = position == 0 ? 0 : ends[position - 1];
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(ends[position] - begin));
    while (bytes.hasRemaining() && channel.read(bytes, begin + bytes.position()) > 0) {}
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.array()));
    @SuppressWarnings("unchecked") // As it was written.
    Map<String, Object> document = (Map<String, Object>) DocumentCodec.read(in);
    return document;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
