package aviary.cli;

import aviary.InputException;
import aviary.mqar.MqarTask;
import aviary.mqar.MqarTask.Example;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary mqar generate}. */
@Command(
    name = "generate",
    description = {
      "Writes examples: tokens, and labels, which are -1 where nothing is asked.",
      "A .safetensors file has both as I64 [examples, length], a .jsonl file a line an example."
    },
    footer = {"", "Example:", "  aviary mqar generate --examples 1000 --output test.jsonl"})
final class MqarGenerate implements Callable<Integer> {

  /** More would not fit the memory that the file is made in. */
  private static final long MOST_NUMBERS = 100_000_000;

  @ParentCommand private Mqar mqar;

  @Mixin private MqarOptions options;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "3000",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which of all examples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      converter = OutputFile.class,
      description = "The file to write: .safetensors or .jsonl.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    MqarTask task = options.task();
    if (examples < 1 || (long) examples * task.length() > MOST_NUMBERS) {
      throw new InputException(
          "--examples %d: it has to be from 1 to %d"
              .formatted(examples, MOST_NUMBERS / task.length()));
    }
    String name = output.getFileName().toString();
    if (name.endsWith(".jsonl")) {
      WholeFile.write(output, this::writeLines);
    } else if (name.endsWith(".safetensors")) {
      writeTensors(task);
    } else {
      throw new InputException(output + ": name a file that ends in .safetensors or .jsonl");
    }
    return 0;
  }

  private void writeLines(WritableByteChannel out) throws IOException {
    MqarTask task = options.task();
    for (int i = 0; i < examples; i++) {
      Example example = task.example(seed, i);
      String line =
          "{\"tokens\": %s, \"labels\": %s}\n"
              .formatted(Arrays.toString(example.tokens()), Arrays.toString(example.labels()));
      out.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private void writeTensors(MqarTask task) throws IOException {
    long[] tokens = new long[examples * task.length()];
    long[] labels = new long[tokens.length];
    for (int i = 0; i < examples; i++) {
      Example example = task.example(seed, i);
      for (int t = 0; t < task.length(); t++) {
        tokens[i * task.length() + t] = example.tokens()[t];
        labels[i * task.length() + t] = example.labels()[t];
      }
    }
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("task", task.toString());
    metadata.put("seed", String.valueOf(seed));
    SafetensorsWriter.write(
        output, metadata, List.of(entry("tokens", tokens, task), entry("labels", labels, task)));
  }

  private Entry entry(String name, long[] numbers, MqarTask task) {
    long[] shape = {examples, task.length()};
    return Entry.of(new Tensor(name, DType.I64, shape, MemorySegment.ofArray(numbers)));
  }
}
