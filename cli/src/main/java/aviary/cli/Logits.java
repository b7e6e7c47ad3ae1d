package aviary.cli;

import aviary.cli.ModelOptions.OpenModel;
import aviary.engine.LogitsFile;
import aviary.text.TextInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary logits}. */
@Command(
    name = "logits",
    sortOptions = false,
    customSynopsis = {
      "aviary logits [OPTIONS] [--model PATH] --output FILE",
      "              (--tokens IDS | --prompt TEXT | --prompt-file FILE)"
    },
    description = {
      "Writes what a model expects after every token of a prompt, to compare with other programs;"
          + " without --model of a small one that aviary comes with.",
      "The safetensors file has tokens I64 [T], logits F32 [T, V], and of the state after the"
          + " prompt state.att_shift and state.ffn_shift F32 [L, D] and state.wkv F32 [L, H, N, N]"
          + " (key channel, value channel); with --greedy also greedy I64 [N]."
    },
    footer = {
      "",
      "Example:",
      "  aviary logits --model model.safetensors --prompt \"Once upon a time\" \\",
      "    --output logits.safetensors"
    })
final class Logits implements Callable<Integer> {
  @ParentCommand private Main main;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Prompt prompt;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--greedy",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Also the next N most likely tokens, each put behind the prompt before the next.")
  private int greedy;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      converter = OutputFile.class,
      description = "The safetensors file to write.")
  private Path output;

  /** Where the prompt comes from. */
  private static final class Prompt {
    @Option(
        names = "--tokens",
        hideParamSyntax = true,
        paramLabel = "IDS",
        description = "The prompt's tokens, such as 1,2,3.")
    private String tokens;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt as a text.")
    private String text;

    @Option(
        names = "--prompt-file",
        paramLabel = "FILE",
        converter = InputFile.class,
        description =
            "The prompt is the text in this file, UTF-8, every byte of it but a byte order mark.")
    private Path file;

    int[] encode(OpenModel model) throws IOException, ExecutionException, InterruptedException {
      if (tokens != null) {
        return TokenIds.parse("--tokens", tokens);
      }
      return text != null
          ? model.awaitTokenizer().encode(text)
          : model.awaitTokenizer().encode(TextInput.read(file));
    }
  }

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    try (OpenModel model = modelOptions.openOr(ShippedModel.STORY)) {
      int[] ids = prompt.encode(model);
      model.engine().config().requireTokens(ids);
      model.announce(main.err());
      OutputFile.Earlier earlier = OutputFile.earlier(output);
      LogitsFile.write(
          output,
          Map.of("model", model.name(), "device", model.engine().device()),
          model.engine(),
          ids,
          greedy);
      earlier.tellReplaced(main.err());
    }
    return 0;
  }
}
