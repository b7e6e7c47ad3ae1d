package aviary.cli;

import aviary.mqar.MqarTask;
import picocli.CommandLine.Option;

/** The sizes of MQAR's examples. */
final class MqarOptions {
  @Option(
      names = "--vocab-size",
      paramLabel = "V",
      defaultValue = "8192",
      description = "The number of token ids (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--length",
      paramLabel = "T",
      defaultValue = "64",
      description = "The tokens of an example (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--pairs",
      paramLabel = "P",
      defaultValue = "4",
      description = "The keys of an example, each with a value (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--zero-non-queries",
      description = "Put 0 where nothing is asked, in place of random tokens.")
  private boolean zeros;

  MqarTask task() {
    return new MqarTask(vocabulary, length, pairs, !zeros);
  }
}
