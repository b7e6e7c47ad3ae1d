package aviary.cli;

import aviary.engine.BlasChoice;
import aviary.engine.EngineOptions;
import aviary.engine.Split;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What {@code aviary bench} runs models on, and how it uses the host. */
final class BenchDevices {
  @Option(
      names = {"-dev", "--device"},
      paramLabel = "ID",
      description = {
        "What runs it, as 'aviary devices' lists them; may be given several times, or as a list"
            + " (default: cpu).",
        "With --split a list is one set of devices that share the work."
      })
  private List<String> devices = List.of("cpu");

  @Option(
      names = "--split",
      paramLabel = "HOW",
      converter = ModelOptions.SplitOption.class,
      description = "How the devices of a list share the work: batch, layers or layers=10,14.")
  private Split split;

  @Option(
      names = {"-t", "--threads"},
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      converter = ThreadCount.class,
      description = "Threads of the host's cores; 0 for one a core; a list.")
  private List<Integer> threads;

  @Option(
      names = "--blas",
      defaultValue = "auto",
      paramLabel = "NAME",
      converter = ModelOptions.BlasOption.class,
      description = {
        "Who multiplies matrices with many rows on the host's cores: auto, none (aviary itself),"
            + " openblas, mkl (default: ${DEFAULT-VALUE}).",
        "Libraries are looked for where the system's loader does, and in AVIARY_BLAS_PATH."
      })
  private BlasChoice blas;

  /** Without {@code --split} each device of a list is measured by itself. */
  List<String> lists() {
    if (split != null) {
      return devices;
    }
    return devices.stream().flatMap(list -> Arrays.stream(list.split(",", -1))).toList();
  }

  List<Integer> threads() {
    return threads;
  }

  EngineOptions engineOptions() {
    return new EngineOptions(0, Optional.ofNullable(split), blas);
  }
}
