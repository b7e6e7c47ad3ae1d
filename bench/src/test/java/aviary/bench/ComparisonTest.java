package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final String RATES = "Rates: more is better";
  private final Measurement decode = Runs.measurement("bf16", "cpu", "tg128", 90, 100, 110);

  private static List<String> compared(Run first, Run second) {
    return new Comparison(List.of("a.json", "b.json"), List.of(first, second)).lines();
  }

  /** The rows of the table of rates, or of that of time and memory. */
  private static List<String> rows(String title, Run first, Run second) {
    List<String> lines = compared(first, second);
    int begin = lines.indexOf(title) + 2;
    assertTrue(begin > 2, lines.toString());
    List<String> numbers =
        lines.subList(begin, lines.size()).stream().takeWhile(line -> !line.isEmpty()).toList();
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
    List<String> rows = rows(RATES, first, second);
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
    Measurement faster = Runs.measurement("bf16", "tornado:0:0", "tg128", 100);
    List<String> rows = rows(RATES, Runs.of(decode, other), Runs.of(faster));
    assertEquals(2, rows.size());
    assertTrue(rows.get(0).endsWith("| 100.00 ± 10.00 | 0.50 of memory |  |  |  |"), rows.get(0));
    assertTrue(
        rows.get(1).endsWith("| 50.00 | 0.25 of memory | 100.00 | 0.50 of memory | 2.00 |"),
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

  private static Measurement load(double seconds) {
    return new Measurement(
        Runs.measurement("bf16", "cpu", "tg128", 1).setting(),
        Measurement.Test.named("load"),
        "s",
        List.of(seconds),
        0,
        "",
        Map.of());
  }

  @Test
  void secondsAndRatesHaveTablesOfTheirOwn() {
    Run first = Runs.of(load(2), decode);
    Run second = Runs.of(load(1), Runs.measurement("bf16", "cpu", "tg128", 200));
    List<String> rates = rows(RATES, first, second);
    assertEquals(1, rates.size());
    assertTrue(rates.getFirst().contains("| tg128 | t/s |"), rates.toString());
    List<String> seconds = rows("Time and memory: less is better", first, second);
    assertEquals(1, seconds.size());
    assertTrue(
        seconds.getFirst().endsWith("| load | s | 2.00 | 1.00 | 0.50 |"), seconds.toString());
  }

  @Test
  void aNumberWhoseSamplesSpreadFarHasItsMedian() {
    Run uneven = Runs.of(Runs.measurement("bf16", "cpu", "tg128", 50, 60, 190));
    List<String> rows = rows(RATES, uneven, Runs.of(decode));
    assertTrue(rows.getFirst().contains("| 100.00 ± 78.10 (median 60.00) |"), rows.getFirst());
  }

  @Test
  void rowsThatAreEqualAreCountedOnly() {
    Measurement prefill = Runs.measurement("bf16", "cpu", "pp512", 500);
    Measurement faster = Runs.measurement("bf16", "cpu", "pp512", 600);
    Run first = Runs.of(prefill, decode, load(2));
    List<String> lines = compared(first, Runs.of(faster, decode, load(2)));
    assertTrue(lines.stream().anyMatch(line -> line.contains("| pp512 | t/s |")), lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.contains("| tg128 |")), lines.toString());
    assertTrue(lines.contains("Equal in all and left out: 1 of 2 rows."), lines.toString());
    int times = lines.indexOf("Time and memory: less is better");
    assertEquals(
        List.of("", "Equal in all and left out: 1 of 1 rows."),
        lines.subList(times + 1, lines.size()));
  }

  @Test
  void aRunComparedWithItselfHasNoRows() {
    Run run = Runs.of(decode, load(2));
    List<String> lines = compared(run, run);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("|")), lines.toString());
    assertEquals(2, lines.stream().filter(line -> line.startsWith("Equal in all and")).count());
  }

  @Test
  void aRowThatOnlyOneRunHasStays() {
    List<String> rows = rows(RATES, Runs.of(decode), Runs.of());
    assertEquals(1, rows.size());
  }

  @Test
  void whatIsEqualInAllRunsIsNamedOnly() {
    List<String> lines = compared(Runs.of(decode), Runs.of(decode));
    assertEquals(
        "Equal in all: version, time, processor, JVM, flags, BLAS, -r, --warm-up, cpu, SHA-256 of"
            + " model.",
        lines.stream()
            .filter(line -> line.startsWith("Equal"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(lines.toString()))
            .replace("--warm-up, -r", "-r, --warm-up"));
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("| version")), lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("| cpu |")), lines.toString());
  }

  @Test
  void whatDiffersStandsAbove() {
    Run first = Runs.of(decode);
    Run second =
        new Run(
            first.environment(),
            List.of(new Limits("cpu", 2, 20e9, 100e9)),
            first.measurements(),
            first.failures(),
            true);
    List<String> lines = compared(first, second);
    assertTrue(
        lines.contains("| cpu | cpu: 40.0 GB/s, 200 GFLOP/s | cpu: 20.0 GB/s, 100 GFLOP/s |"),
        lines.toString());
    assertTrue(lines.contains("| interrupted |  | yes |"), lines.toString());
  }
}
