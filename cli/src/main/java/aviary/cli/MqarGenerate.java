package aviary.cli;

import aviary.mqar.MqarFile;
import java.io.IOException;
import java.nio.file.Path;
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
    OutputFile.Earlier earlier = OutputFile.earlier(output);
    try (EvalProgress progress = new EvalProgress(mqar.main().err(), examples, "examples")) {
      new MqarFile(
              options.task(), seed, examples, done -> progress.documents("mqar", done, 0, examples))
          .write(output);
    }
    earlier.tellReplaced(mqar.main().err());
    return 0;
  }
}
