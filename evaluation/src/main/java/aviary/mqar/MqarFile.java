package aviary.mqar;

import aviary.InputException;
import aviary.mqar.MqarTask.Example;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Writes examples to a file, made one after the other as they are written.
 *
 * <p>A safetensors file has {@code tokens} and {@code labels}, both I64 [examples, T]; a file of
 * JSON Lines an object a line with {@code tokens} and {@code labels}. Labels are {@link
 * MqarTask#NOTHING} where nothing is asked.
 *
 * @param task what they are of
 * @param seed of the examples, of which there are the first
 * @param examples how many
 * @param progress is told how many examples have been written; in a safetensors file each counts
 *     half with its tokens, and half with its labels
 */
public record MqarFile(MqarTask task, long seed, int examples, LongConsumer progress) {
  private static final String LINES = ".jsonl";
  private static final String TENSORS = ".safetensors";

  /** Checks the number. */
  public MqarFile {
    if (examples < 1) {
      throw new InputException("--examples %d: it has to be 1 or more".formatted(examples));
    }
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param file its name says what it is to be
   * @throws InputException if the name says neither
   */
  public void write(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(LINES)) {
      WholeFile.write(file, this::writeLines);
    } else if (name.endsWith(TENSORS)) {
      long[] shape = {examples, task.length()};
      Entry tokens = new Entry("tokens", DType.I64, shape, out -> writeRows(out, 0));
      Entry labels = new Entry("labels", DType.I64, shape, out -> writeRows(out, 1));
      SafetensorsWriter.write(
          file,
          Map.of(
              "vocab_size", Integer.toString(task.vocabulary()),
              "pairs", Integer.toString(task.pairs()),
              "random_non_queries", Boolean.toString(task.randomNonQueries()),
              "seed", Long.toString(seed)),
          List.of(tokens, labels));
    } else {
      throw new InputException(
          "%s: name a file that ends in %s or %s".formatted(file, TENSORS, LINES));
    }
  }

  private void writeLines(WritableByteChannel out) throws IOException {
    for (int i = 0; i < examples; i++) {
      Example example = task.example(seed, i);
      String line =
          "{\"tokens\": %s, \"labels\": %s}\n"
              .formatted(Arrays.toString(example.tokens()), Arrays.toString(example.labels()));
      out.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
      progress.accept(i + 1);
    }
  }

  /**
   * @param half 0 for tokens, 1 for labels
   */
  private void writeRows(WritableByteChannel out, int half) throws IOException {
    Function<Example, int[]> row = half == 0 ? Example::tokens : Example::labels;
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * task.length()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < examples; i++) {
      bytes.clear();
      for (int number : row.apply(task.example(seed, i))) {
        bytes.putLong(number);
      }
      out.write(bytes.flip());
      progress.accept(((long) half * examples + i + 1) / 2);
    }
  }
}
