package aviary.cli;

import picocli.CommandLine.Option;

/** From how much a model learns MQAR, and with how much it is measured. */
final class MqarLearning {
  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Examples to learn from (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Option(
      names = "--test-examples",
      paramLabel = "N",
      defaultValue = "3000",
      description = "Examples to measure with (default: ${DEFAULT-VALUE}).")
  private int testExamples;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "4",
      description = "How often each example is learned from (default: ${DEFAULT-VALUE}).")
  private int epochs;

  int examples() {
    return examples;
  }

  int testExamples() {
    return testExamples;
  }

  int epochs() {
    return epochs;
  }
}
