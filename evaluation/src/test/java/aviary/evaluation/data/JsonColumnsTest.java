package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.template.PythonRepr;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonColumnsTest {
  @TempDir private Path folder;

  private List<String> printed(List<String> lines) throws IOException {
    Path file = folder.resolve("test.jsonl");
    Files.writeString(file, String.join("\n", lines) + "\n");
    return printed(new Split(List.of(file)));
  }

  private static List<String> printed(Split split) throws IOException {
    List<String> all = new ArrayList<>();
    try (DocumentReader reader = split.open()) {
      for (Map<String, Object> document = reader.next();
          document != null;
          document = reader.next()) {
        all.add(PythonRepr.str(document));
      }
    }
    return all;
  }

  /** What {@code datasets} makes of many small files, and which it refuses. */
  @Test
  void columnsAreThoseOfDatasets() throws IOException {
    List<Executable> checks = new ArrayList<>();
    try (var in = JsonColumnsTest.class.getResourceAsStream("json-columns.jsonl")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        Map<?, ?> known = (Map<?, ?>) JsonValues.read(line.getBytes(StandardCharsets.UTF_8));
        @SuppressWarnings("unchecked") // As the file has it.
        List<String> lines = (List<String>) known.get("lines");
        String what = String.join("  ", lines);
        checks.add(
            known.containsKey("refused")
                ? () -> assertThrows(InputException.class, () -> printed(lines), what)
                : () -> assertEquals(known.get("printed"), printed(lines), what));
      }
    }
    assertTrue(checks.size() > 100, "there are only " + checks.size());
    assertAll(checks);
  }

  /** As {@code datasets} writes an array anew as lines, fractions have 10 decimals. */
  @Test
  void anArraysItemsAreLikeLines() throws IOException {
    assertEquals(
        List.of("{'a': 1, 'b': None}", "{'a': None, 'b': 2}"),
        printed(List.of("[{\"a\": 1},", "{\"b\": 2}]")));
    assertEquals(
        List.of("{'a': 0.1234567891}", "{'a': None}", "{'a': 3.0}"),
        printed(List.of("[{\"a\": 0.12345678912345}, {\"a\": NaN}, {\"a\": 3}]")));
  }

  @Test
  void theColumnsOfASplitAreThoseOfAllItsFiles() throws IOException {
    Path first = Files.writeString(folder.resolve("0.jsonl"), "{\"a\": 1}\n");
    Path second = Files.writeString(folder.resolve("1.jsonl"), "{\"a\": 2.5, \"b\": \"x\"}\n");
    assertEquals(
        List.of("{'a': 1.0, 'b': None}", "{'a': 2.5, 'b': 'x'}"),
        printed(new Split(List.of(first, second))));
  }

  @Test
  void whatIsRefusedIsNamedWithItsLine() {
    for (String bad : List.of("{\"a\": 1e400}", "{\"a\": 1, \"a\": 2}", "{\"a\": \"\\udc00x\"}")) {
      InputException e =
          assertThrows(InputException.class, () -> printed(List.of("{\"a\": 1}", bad)));
      assertTrue(e.getMessage().contains("test.jsonl: line 2 is"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
    InputException e =
        assertThrows(InputException.class, () -> printed(List.of("{\"a\": \"0000-01-01\"}")));
    assertTrue(e.getMessage().contains("test.jsonl: a date in the year 0"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2020-01-02",
        "2020-01-02 03",
        "2020-01-02T03:04",
        "2020-01-02T03:04:05",
        "2020-01-02 03Z",
        "2020-01-02 03:04+01",
        "2020-01-02 03:04:05-0330",
        "2020-02-29T23:59:59+14:00"
      })
  void aTextIsATime(String text) {
    assertNotNull(IsoTime.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2020",
        "20200102",
        "2020-1-2",
        "2021-02-29",
        "2020-01-02Z",
        "2020-01-02 24:00",
        "2020-01-02 03:04:60",
        "2020-01-02 03:04:05.5",
        "2020-01-02t03:04",
        "2020-01-02 03:04:05 Z",
        "2020-01-02x"
      })
  void aTextIsNoTime(String text) {
    assertEquals(null, IsoTime.parse(text));
  }
}
