package aviary.cli;

import aviary.InputException;
import aviary.bench.Plan;
import java.util.List;
import picocli.CommandLine.Option;

/** How many tokens and sequences {@code aviary bench} measures with. */
final class BenchLengths {
  @Option(
      names = {"-p", "--n-prompt"},
      split = ",",
      defaultValue = "512",
      paramLabel = "N",
      description =
          "Tokens of a prompt; 0 for none; a list or a range such as 128-512+128 (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> prompts;

  @Option(
      names = {"-n", "--n-gen"},
      split = ",",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens to generate, a list; 0 for none (default: ${DEFAULT-VALUE}).")
  private List<String> generations;

  @Option(
      names = "-pg",
      paramLabel = "PP,TG",
      description =
          "A prompt of PP tokens and then TG generated tokens, measured together; may be given"
              + " several times.")
  private List<String> mixes = List.of();

  @Option(
      names = "--batch-size",
      split = ",",
      paramLabel = "N",
      description =
          "Sequences side by side that tokens are generated for, a list (default: 1; with --report"
              + " 1,4,16).")
  private List<String> sequences = List.of();

  @Option(
      names = {"-d", "--n-depth"},
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      description = "Tokens that a sequence has seen before, a list.")
  private List<String> depths;

  List<Integer> prompts() {
    return NumberLists.of("-p", prompts);
  }

  List<Integer> generations() {
    return NumberLists.of("-n", generations);
  }

  List<Plan.Mix> mixes() {
    return mixes.stream().map(BenchLengths::mix).toList();
  }

  private static Plan.Mix mix(String text) {
    List<Integer> numbers = NumberLists.of("-pg", List.of(text.split(",", -1)));
    if (numbers.size() != 2) {
      throw new InputException("-pg %s: it has to be two numbers, such as 512,128".formatted(text));
    }
    return new Plan.Mix(numbers.getFirst(), numbers.getLast());
  }

  /**
   * @param usual where the user names none
   */
  List<Integer> sequences(List<Integer> usual) {
    return sequences.isEmpty() ? usual : NumberLists.of("--batch-size", sequences);
  }

  List<Integer> depths() {
    return NumberLists.of("-d", depths);
  }
}
