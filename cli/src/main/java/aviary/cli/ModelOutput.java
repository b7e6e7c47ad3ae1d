package aviary.cli;

import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/**
 * Writes a model, with a bar that shows how far it is if that takes long and somebody can see it.
 *
 * @param err where the bar goes
 * @param path the file
 */
record ModelOutput(PrintStream err, Path path) {

  /** Less than this is written before anybody asks. */
  private static final long LARGE = 200L << 20;

  private static final long MEBIBYTE = 1 << 20;

  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 79;

  /**
   * Writes the file whole or not at all.
   *
   * @param metadata strings to keep beside the tensors
   * @param entries the tensors
   * @throws IOException if it cannot be written, in one line that names it
   */
  void write(Map<String, String> metadata, List<Entry> entries) throws IOException {
    long bytes = entries.stream().mapToLong(Entry::byteSize).sum();
    if (bytes < LARGE || !Tty.is(SystemStream.Error)) {
      writeQuietly(metadata, entries);
      return;
    }
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(path.getFileName().toString())
            .setInitialMax(bytes)
            .setUnit(" MiB", MEBIBYTE)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(err, LINE))
            .build()) {
      writeQuietly(metadata, entries.stream().map(entry -> counted(entry, bar)).toList());
    }
  }

  /** As {@link #write}, without a bar. */
  void writeQuietly(Map<String, String> metadata, List<Entry> entries) throws IOException {
    // In a fixed order: the same model makes the same bytes.
    Map<String, String> sorted = new TreeMap<>();
    metadata.forEach((key, value) -> sorted.put(unicode(key), unicode(value)));
    SafetensorsWriter.write(path, sorted, entries);
  }

  /** A foreign file may hold halves of surrogate pairs, which ours cannot: question marks then. */
  private static String unicode(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static Entry counted(Entry entry, ProgressBar bar) {
    return new Entry(
        entry.name(),
        entry.dtype(),
        entry.shape(),
        out -> entry.payload().writeTo(new CountingChannel(out, bar)));
  }

  private record CountingChannel(WritableByteChannel out, ProgressBar bar)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int written = out.write(bytes);
      bar.stepBy(written);
      return written;
    }

    @Override
    public boolean isOpen() {
      return out.isOpen();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
