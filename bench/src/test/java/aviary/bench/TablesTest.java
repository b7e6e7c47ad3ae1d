package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TablesTest {
  private final Measurement decode = Runs.measurement("bf16", "cpu", "tg128", 90, 100, 110);

  @Test
  void aRowHasMeanSpreadAndShareOfTheLimit() {
    String row = Tables.markdownRow(decode);
    assertTrue(row.contains("| tg128 | 100.00 ± 10.00 | 0.50 of memory |"), row);
    assertEquals(
        Tables.markdownHead().getFirst().chars().filter(c -> c == '|').count(),
        row.chars().filter(c -> c == '|').count());
  }

  @Test
  void commasAndQuotesAreQuotedInCsv() {
    String row = Tables.csvRow(decode);
    assertTrue(row.startsWith("\"model \"\"a, b\"\"\",\"RWKV-6.0 \"\"Finch\"\"\",bf16,"), row);
    int columns = Tables.csvHead().split(",").length;
    assertEquals(columns, row.replaceAll("\"([^\"]|\"\")*\"", "x").split(",", -1).length);
  }

  @Test
  void runsOfOneDeviceEachStandSideBySide() {
    Run first = Runs.of(decode);
    Run second = Runs.of(Runs.measurement("bf16", "tornado:0:0", "tg128", 250));
    List<String> lines = Tables.comparison(List.of("a.json", "b.json"), List.of(first, second));
    assertEquals(3, lines.size());
    assertTrue(
        lines.getLast().endsWith("| t/s | 100.00 ± 10.00 | 250.00 | 2.50 |"), lines.getLast());
  }

  @Test
  void runsOfSeveralDevicesAreComparedDeviceByDevice() {
    Measurement other = Runs.measurement("bf16", "tornado:0:0", "tg128", 50);
    List<String> lines =
        Tables.comparison(List.of("a", "b"), List.of(Runs.of(decode, other), Runs.of(other)));
    assertEquals(4, lines.size());
    assertTrue(lines.get(2).endsWith("| 100.00 ± 10.00 |  |  |"), lines.get(2));
    assertTrue(lines.get(3).endsWith("| 50.00 | 50.00 | 1.00 |"), lines.get(3));
  }
}
