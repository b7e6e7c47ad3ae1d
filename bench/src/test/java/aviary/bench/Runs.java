package aviary.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Runs as they could have been measured. */
final class Runs {
  private Runs() {}

  static Measurement measurement(String dtype, String device, String test, double... samples) {
    List<Double> numbers = Arrays.stream(samples).boxed().toList();
    boolean isPrompt = test.startsWith("pp");
    int sequences = test.contains("x") ? Integer.parseInt(test.replaceAll(".*x", "")) : 1;
    return new Measurement(
        new Measurement.Setting(
            "model \"a, b\"", "RWKV-6.0 \"Finch\"", dtype, 1 << 20, 1000, device, 2),
        isPrompt ? Measurement.Test.prefill(512, 0) : Measurement.Test.decode(128, sequences, 0),
        "t/s",
        numbers,
        200,
        isPrompt ? "multiplications" : "memory",
        Map.of("kernel_s", 0.5));
  }

  /** An operation on some rows. */
  static Measurement operation(String device, int rows, double... samples) {
    return new Measurement(
        new Measurement.Setting(
            "channel mix of 1024", "RWKV-6.0 \"Finch\"", "q8_0", 1 << 20, 1000, device, 2),
        new Measurement.Test(rows + " rows", rows, 0, 1, 0, 0),
        rows == 1 ? "GB/s" : "GFLOP/s",
        Arrays.stream(samples).boxed().toList(),
        40,
        rows == 1 ? "memory" : "multiplications",
        Map.of());
  }

  static Run of(Measurement... measurements) {
    return asked(Map.of("-r", "3", "--warm-up", "2"), measurements);
  }

  /** A run that was asked for with options. */
  static Run asked(Map<String, String> options, Measurement... measurements) {
    Environment environment =
        new Environment(
            "aviary 0.1",
            "2026-01-01T00:00:00Z",
            "Linux",
            "a <processor> & more",
            2,
            1L << 34,
            "a JVM",
            List.of("-Xmx1g"),
            options,
            "OpenBLAS",
            Map.of("cpu", Map.of("vectors", "512 bits")),
            Map.of("model", "0123"));
    return new Run(
        environment,
        List.of(new Limits("cpu", 2, 40e9, 200e9)),
        List.of(measurements),
        List.of(new Run.Failed("a model on a device", "it <broke>")),
        false);
  }
}
