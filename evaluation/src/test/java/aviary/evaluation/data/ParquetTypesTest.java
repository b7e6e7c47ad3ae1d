package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.Template;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetTypesTest {

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(ParquetTypesTest.class.getResource(name).toURI());
  }

  private static List<Map<String, Object>> read(String name)
      throws IOException, URISyntaxException {
    List<Map<String, Object>> documents = new ArrayList<>();
    try (DocumentReader reader = new Split(List.of(resource(name))).open()) {
      for (Map<String, Object> document = reader.next();
          document != null;
          document = reader.next()) {
        documents.add(document);
      }
    }
    return documents;
  }

  private static List<String> printed(List<Map<String, Object>> documents) {
    List<String> lines = new ArrayList<>();
    for (Map<String, Object> document : documents) {
      document.forEach((name, value) -> lines.add(name + "\t" + PythonRepr.str(value)));
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"types", "more-types"})
  void everyTypePrintsAsInPython(String name) throws Exception {
    assertEquals(Files.readAllLines(resource(name + ".txt")), printed(read(name + ".parquet")));
  }

  @Test
  void withoutArrowsNoteTimesAreInUtcAndDurationsAreNumbers() throws Exception {
    assertEquals(
        List.of(
            "utc\t2020-01-02 03:04:05+00:00",
            "local\t2020-01-02 03:04:05.678901",
            "dur\t86403000005",
            "s\tabc"),
        printed(read("plain.parquet")).subList(0, 4));
    assertEquals(
        "{'utc': datetime.datetime(2020, 7, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')),"
            + " 'local': datetime.datetime(1960, 1, 1, 0, 0), 'dur': -1500000, 's': None}",
        PythonRepr.str(read("plain.parquet").get(1)));
  }

  @Test
  void timestampsInTheOldFormAreInNanosecondsWithoutAZone() throws Exception {
    assertEquals(
        "{'utc': Timestamp('2020-01-02 03:04:05'),"
            + " 'local': Timestamp('2020-01-02 03:04:05.678901'),"
            + " 'ns': Timestamp('2020-01-02 03:04:05.678901234')}",
        PythonRepr.str(read("int96.parquet").getFirst()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"types.parquet", "more-types.parquet"})
  void theStoreGivesBackWhatItTook(String name) throws Exception {
    List<Map<String, Object>> documents = read(name);
    Iterator<Map<String, Object>> left = documents.iterator();
    try (DocumentStore store = new DocumentStore(() -> left.hasNext() ? left.next() : null)) {
      assertEquals(documents.size(), store.size());
      for (int i = 0; i < documents.size(); i++) {
        assertEquals(documents.get(i), store.get(i));
        assertEquals(PythonRepr.str(documents.get(i)), PythonRepr.str(store.get(i)));
      }
    }
  }

  @Test
  void loggedSamplesHaveTextForWhatJsonDoesNotKnow() throws Exception {
    Map<String, Object> document = read("types.parquet").getFirst();
    Map<String, Object> some = new java.util.LinkedHashMap<>();
    for (String name : List.of("ts_ms", "dec", "bin", "u64", "f64", "null")) {
      some.put(name, document.get(name));
    }
    assertEquals(
        "{\"ts_ms\": \"2020-01-02 03:04:05.678000\", \"dec\": \"1.50\","
            + " \"bin\": \"b\\\"a'\\\\x00\\\\xff\\\\n\\\"\", \"u64\": 18446744073709551615,"
            + " \"f64\": 0.1, \"null\": null}",
        PythonJson.line(some));
  }

  @Test
  void templatesPrintCompareAndAskForParts() throws Exception {
    Map<String, Object> document = read("types.parquet").getFirst();
    assertNull(document.get("null"));
    assertEquals(
        "1.50|1|True|True|2020|5|1 day, 0:00:03.000005|1|2020-01-02T03:04:05.678901|abc|True",
        Template.parse(
                "{{dec}}|{{dec|int}}|{{dec == 1.5}}|{{u64 > 9223372036854775807}}|{{ts_us.year}}"
                    + "|{{t32s.second}}|{{du_us}}|{{du_us.days}}|{{ts_us.isoformat()}}"
                    + "|{{binv.decode('utf-8')}}|{{u64|int == u64}}")
            .render(document));
  }
}
