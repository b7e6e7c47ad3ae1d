package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TablesTest {
  private final Measurement decode = Runs.measurement("bf16", "cpu", "tg128", 90, 100, 110);

  @Test
  void aRowHasMeanSpreadAndShareOfTheLimit() {
    String row = Tables.markdownRow(decode);
    assertTrue(row.contains("| tg128 | 100.00 ± 10.00 t/s | 0.50 of memory |  |"), row);
    assertEquals(
        Tables.markdownHead().getFirst().chars().filter(c -> c == '|').count(),
        row.chars().filter(c -> c == '|').count());
  }

  @Test
  void rowsAreAlignedHoweverLongNamesAre() {
    List<Measurement> all = List.of(decode, named("m"), named("a-model-with-a-very-long-name.pth"));
    Tables tables =
        new Tables(
            all.stream().map(m -> m.setting().model()).toList(),
            List.of("cpu", "tornado:0:0"),
            List.of("tg128"));
    int at = tables.head().getFirst().indexOf("test");
    for (Measurement m : all) {
      assertEquals(at, tables.row(m).indexOf("tg128"), tables.row(m));
    }
  }

  /** On a device that uses none of the host's cores. */
  private static Measurement named(String model) {
    Measurement m = Runs.measurement("bf16", "tornado:0:0", "tg128", 0.5);
    return new Measurement(
        new Measurement.Setting(model, "", "bf16", 1 << 20, 1000, "tornado:0:0", 0),
        m.test(),
        m.unit(),
        m.samples(),
        m.limit(),
        m.bound(),
        m.details());
  }

  @Test
  void whatIsSmallButNotNothingIsNotShownAsNothing() {
    String row = Tables.markdownRow(named("m"));
    assertTrue(row.contains("| tornado:0:0 |  | tg128 | 0.50 t/s | <0.01 of memory |"), row);
  }

  @Test
  void whatATableDependsOnStandsBelowInOneLine() {
    assertEquals(
        "aviary 0.1; a <processor> & more; a JVM; cpu (2 threads): 40.0 GB/s, 200.0 GFLOP/s",
        Tables.foot(Runs.of(decode)));
  }

  @Test
  void theLoadOfOtherProcessesStandsBelowToo() {
    Run run =
        Runs.of(
            with(decode, Map.of("other_cores", 0.12, "load_average", 0.5)),
            with(decode, Map.of("other_cores", 59.97, "load_average", 64.26)));
    assertTrue(
        Tables.foot(run)
            .endsWith(
                "; other processes used 0.1 to 60.0 cores of the host, of which aviary may use 2,"
                    + " load average 0.5 to 64.3"),
        Tables.foot(run));
  }

  private static Measurement with(Measurement m, Map<String, Double> details) {
    return new Measurement(
        m.setting(), m.test(), m.unit(), m.samples(), m.limit(), m.bound(), details);
  }

  /** Deviations of 10.00 and 10.02 of a mean of 100. */
  @Test
  void aSpreadAboveATenthIsFlaggedWithTheMedian() {
    assertFalse(decode.isUneven());
    Measurement uneven = Runs.measurement("bf16", "cpu", "tg128", 89.98, 100, 110.02);
    assertTrue(uneven.isUneven());
    assertTrue(
        Tables.markdownRow(uneven)
            .endsWith("| 100.00 ± 10.02 t/s | 0.50 of memory | spread 10 %, median 100.00 |"));
    assertEquals(3, Runs.measurement("bf16", "cpu", "tg128", 9, 1, 4, 2).median(), 0);
    assertEquals(2, Runs.measurement("bf16", "cpu", "tg128", 9, 1, 2).median(), 0);
    assertEquals(7, Runs.measurement("bf16", "cpu", "tg128", 7).median(), 0);
    assertFalse(Runs.measurement("bf16", "cpu", "tg128", 7).isUneven());
  }

  @Test
  void theMemorysRowSaysWhatItIsMadeOf() {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("weights_mib", 12.0);
    parts.put("engine_mib", 8.5);
    parts.put("states_mib", 0.25);
    parts.put("process_peak_mib", 1904.0);
    Measurement memory =
        new Measurement(
            decode.setting(),
            Measurement.Test.named("memory"),
            "MiB",
            List.of(20.75),
            0,
            "",
            parts);
    assertTrue(
        Tables.markdownRow(memory)
            .endsWith("| memory | 20.75 MiB |  | weights 12.00, buffers 8.50, states 0.25 |"),
        Tables.markdownRow(memory));
  }

  @Test
  void csvLeavesEmptyWhatIsNotKnown() {
    Measurement load =
        new Measurement(
            decode.setting(),
            Measurement.Test.named("load"),
            "s",
            List.of(1.5),
            0,
            "",
            decode.details());
    String row = Tables.csvRow(load, Runs.of(load));
    assertTrue(
        row.endsWith(
            ",s,1.5,0.0,1,,,,40.0,200.0,aviary 0.1,2026-01-01T00:00:00Z,a <processor> & more,a"
                + " JVM,OpenBLAS,1.5,,,"),
        row);
  }

  @Test
  void commasAndQuotesAreQuotedInCsv() {
    String row = Tables.csvRow(decode, Runs.of(decode));
    assertTrue(row.startsWith("\"model \"\"a, b\"\"\",\"RWKV-6.0 \"\"Finch\"\"\",bf16,"), row);
    int columns = Tables.csvHead().split(",").length;
    assertEquals(columns, row.replaceAll("\"([^\"]|\"\")*\"", "x").split(",", -1).length);
  }
}
