package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
