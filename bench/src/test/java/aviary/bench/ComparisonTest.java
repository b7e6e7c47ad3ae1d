package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private final Measurement decode = Runs.measurement("bf16", "cpu", "tg128", 90, 100, 110);

  /** The rows of the second table. */
  private static List<String> rows(Run first, Run second) {
    List<String> lines =
        new Comparison(List.of("a.json", "b.json"), List.of(first, second)).lines();
    List<String> numbers = lines.subList(lines.indexOf("") + 1, lines.size());
    assertEquals(
        1,
        numbers.stream().map(ComparisonTest::columns).distinct().count(),
        () -> numbers.toString());
    return numbers.subList(2, numbers.size());
  }

  private static long columns(String row) {
    return row.chars().filter(c -> c == '|').count();
  }

  @Test
  void runsOfOneDeviceEachStandSideBySide() {
    Run first = Runs.of(decode);
    Run second = Runs.of(Runs.measurement("bf16", "tornado:0:0", "tg128", 250));
    List<String> rows = rows(first, second);
    assertEquals(1, rows.size());
    assertTrue(
        rows.getFirst()
            .endsWith(
                "| tg128 | t/s | 100.00 ± 10.00 | 0.50 of memory | 250.00 | 1.25 of memory | 2.50 |"),
        rows.getFirst());
  }

  @Test
  void runsOfSeveralDevicesAreComparedDeviceByDevice() {
    Measurement other = Runs.measurement("bf16", "tornado:0:0", "tg128", 50);
    List<String> rows = rows(Runs.of(decode, other), Runs.of(other));
    assertEquals(2, rows.size());
    assertTrue(rows.get(0).endsWith("| 100.00 ± 10.00 | 0.50 of memory |  |  |  |"), rows.get(0));
    assertTrue(
        rows.get(1).endsWith("| 50.00 | 0.25 of memory | 50.00 | 0.25 of memory | 1.00 |"),
        rows.get(1));
  }

  @Test
  void optionsThatDifferHaveARow() {
    Run first = Runs.asked(Map.of("-r", "5", "--blas", "auto"), decode);
    Run second = Runs.asked(Map.of("-r", "1", "--blas", "auto"), decode);
    List<String> lines = new Comparison(List.of("a", "b"), List.of(first, second)).lines();
    assertTrue(lines.contains("| -r | 5 | 1 |"), lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("| --blas")), lines.toString());
  }

  @Test
  void whatTheRunsDependOnStandsAbove() {
    List<String> lines =
        new Comparison(List.of("a", "b"), List.of(Runs.of(decode), Runs.of(decode))).lines();
    assertTrue(lines.contains("| version | aviary 0.1 | aviary 0.1 |"), lines.toString());
    assertTrue(lines.contains("| SHA-256 of model | 0123 | 0123 |"), lines.toString());
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("| cpu | cpu: 40.0 GB/s, 200 GFLOP/s |")),
        lines.toString());
  }
}
