package aviary.cli;

import aviary.cli.ModelOptions.OpenModel;
import aviary.generation.Conversation;
import aviary.generation.SamplerOptions;
import aviary.generation.Snapshot;
import aviary.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary chat}. */
@Command(
    name = "chat",
    sortOptions = false,
    customSynopsis = "aviary chat [OPTIONS] [--model PATH]",
    description = {
      "Talks with a model, in the format of the RWKV World models (User: and Assistant:); without"
          + " --model with a small one that aviary comes with, which has learned no conversation.",
      "Ctrl-C stops an answer; Ctrl-D, or Ctrl-C twice at an empty line, ends. /help lists what else"
          + " there is. Messages may also come from a pipe, a line each; only answers go to stdout."
    },
    footer = {"", "Example:", "  aviary chat --model model.safetensors --top-p 0.5"})
final class Chat implements Callable<Integer> {
  @ParentCommand private Main main;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--max-tokens",
      defaultValue = "1000",
      paramLabel = "N",
      description = "End an answer after this many tokens (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--state-in",
      paramLabel = "FILE",
      description =
          "Begin with this state: a conversation that /save kept, or a tuned initial state"
              + " (time_state).")
  private Path stateIn;

  @Option(
      names = "--no-history",
      description =
          "Neither read nor keep what was typed; else it is in aviary/history in XDG_STATE_HOME or"
              + " ~/.local/state.")
  private boolean noHistory;

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    SamplerOptions chosen = sampling.options();
    try (OpenModel model = modelOptions.openOr(ShippedModel.STORY);
        Conversation conversation =
            new Conversation(model.engine(), model.awaitTokenizer(), chosen, maxTokens)) {
      ModelConfig config = model.engine().config();
      Snapshot start = stateIn == null ? null : ChatSession.load(stateIn, config);
      model.announce(main.err());
      main.err()
          .printf(
              "%s on %s, seed %d; /help tells what there is%n",
              model.name(), model.engine().device(), chosen.seed());
      try (Messages messages = messages()) {
        new ChatSession(config, conversation, start, messages, main.out(), main.err()).run();
      }
    }
    return 0;
  }

  private Messages messages() throws IOException {
    return main.isTyped()
        ? new TypedMessages(
            TypedMessages.systemTerminal(), noHistory ? null : TypedMessages.historyFile())
        : new PipedMessages(main.in());
  }
}
