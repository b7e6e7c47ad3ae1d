package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadersTest {
  @TempDir private Path folder;

  private static Path resource(String name) throws IOException {
    try {
      return Path.of(ReadersTest.class.getResource(name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private static List<Map<String, Object>> read(Path... files) throws IOException {
    List<Map<String, Object>> documents = new ArrayList<>();
    try (DocumentReader reader = new Split(List.of(files)).open()) {
      for (Map<String, Object> document = reader.next();
          document != null;
          document = reader.next()) {
        documents.add(document);
      }
    }
    return documents;
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "zstd", "gzip", "lz4", "uncompressed"})
  void parquetGivesNestedColumnsAndNothingWhereThereIsNothing(String compression)
      throws IOException {
    List<Map<String, Object>> documents = read(resource(compression + ".parquet"));
    assertEquals(4, documents.size());
    Map<String, Object> second = documents.get(1);
    assertEquals(
        List.of("id", "question", "choices", "answers", "label", "score", "flag", "entities"),
        List.copyOf(second.keySet()));
    assertEquals(1L, second.get("id"));
    assertEquals("Question 1 é日本", second.get("question"));
    assertEquals(
        Map.of("text", Arrays.asList("a1", "b's", null), "label", List.of("A", "B", "C")),
        second.get("choices"));
    assertEquals(
        List.of(Map.of("aid", 1L, "atext", "x1"), Map.of("aid", 2L, "atext", "y")),
        second.get("answers"));
    assertEquals(1L, second.get("label"));
    assertEquals(0.5, second.get("score"));
    assertEquals(true, second.get("flag"));
    assertEquals(null, documents.get(2).get("label"));
    assertEquals(List.of(), documents.get(2).get("entities"));
  }

  @Test
  void aCompressionThatIsNotReadIsNamed() throws IOException {
    Path file = resource("brotli.parquet");
    InputException e = assertThrows(InputException.class, () -> read(file));
    assertEquals(
        file
            + ": is compressed with BROTLI, which aviary does not read; write it with Zstandard or"
            + " Snappy",
        e.getMessage());
  }

  @Test
  void aParquetFileCutAnywhereIsOneLineThatNamesIt() throws IOException {
    byte[] whole = Files.readAllBytes(resource("snappy.parquet"));
    for (int length : new int[] {0, 3, 4, 100, whole.length / 2, whole.length - 1}) {
      Path cut = folder.resolve("cut.parquet");
      Files.write(cut, Arrays.copyOf(whole, length));
      InputException e = assertThrows(InputException.class, () -> read(cut));
      assertTrue(e.getMessage().startsWith(cut + ": is no Parquet file"), e.getMessage());
    }
  }

  @Test
  void jsonLinesGiveAllTypesAndPassBlankLines() throws IOException {
    Path file =
        write(
            "a.jsonl",
            "{\"a\": 1, \"b\": [1.5, null, 2], \"c\": {\"d\": \"é\\n\"}, \"e\": true}\r\n\n"
                + "{\"a\": 36893488147419103232}");
    List<Map<String, Object>> documents = read(file);
    assertEquals(
        Map.of("a", 1.0, "b", Arrays.asList(1.5, null, 2.0), "c", Map.of("d", "é\n"), "e", true),
        documents.get(0));
    assertEquals(0x1p65, documents.get(1).get("a"));
    assertEquals(2, documents.size());
  }

  @Test
  void severalFilesAreOneSplitAndMayBeCompressed() throws IOException {
    Path first = write("test-00000.jsonl", "{\"a\": 1}\n");
    Path second = folder.resolve("test-00001.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(second))) {
      out.write("{\"a\": 2}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(List.of(Map.of("a", 1L), Map.of("a", 2L)), read(first, second));
  }

  @Test
  void anArrayOfObjectsIsReadToo() throws IOException {
    Map<String, Object> lacking = new HashMap<>();
    lacking.put("a", null);
    for (String array :
        List.of("[\n{\"a\": 1},\n{}]", "\uFEFF[{\"a\": 1}, {}]\n", "[{\"a\":1},{}\n]")) {
      assertEquals(List.of(Map.of("a", 1L), lacking), read(write("array.json", array)));
    }
    assertEquals(List.of(Map.of("a", 1L)), read(write("mark.json", "\uFEFF{\"a\": 1}")));
  }

  @Test
  void anObjectOverSeveralLinesIsRefused() throws IOException {
    Path file = write("object.json", "{\n\"a\": 1}");
    InputException e = assertThrows(InputException.class, () -> read(file));
    assertTrue(e.getMessage().startsWith(file + ": line 1 is "), e.getMessage());
    assertTrue(
        e.getMessage()
            .endsWith("; wanted JSON Lines: on each line an object, or one array of objects"),
        e.getMessage());
  }

  @Test
  void theChecksumsOfASplitAreOfAllItsBytes() throws IOException {
    Path file = write("a.jsonl", "123456789");
    // CRC-32C's check value.
    assertEquals("a.jsonl e3069283 9 bytes", new Split(List.of(file)).description());
  }

  @Test
  void aBadLineIsNamedWithItsFile() throws IOException {
    for (String bad : List.of("{\"a\": ", "text", "[1]", "{} {}", "{\"a\": 01}", "\"")) {
      Path file = write("bad.jsonl", "{}\n\n" + bad + "\n");
      InputException e = assertThrows(InputException.class, () -> read(file));
      assertTrue(e.getMessage().startsWith(file + ": line 3 is "), e.getMessage());
      assertFalse(e.getMessage().contains("Source"), e.getMessage());
    }
    Path file = folder.resolve("latin1.jsonl");
    Files.write(file, new byte[] {'{', '"', (byte) 0xE9, '"', ':', '1', '}'});
    InputException e = assertThrows(InputException.class, () -> read(file));
    assertEquals(file + ": line 1 is not UTF-8 text", e.getMessage());
  }
}
