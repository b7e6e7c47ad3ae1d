package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.data.Reading.Text.Unit;
import aviary.evaluation.template.PythonRepr;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CSV, texts and JSON arrays; what is expected is what {@code datasets} 5.0.1 gave. */
class CsvAndTextTest {
  @TempDir private Path folder;

  private String documents(String name, String text, Reading reading) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    List<Object> all = new ArrayList<>();
    try (DocumentReader reader = new Split(List.of(file), reading).open()) {
      for (Object document = reader.next(); document != null; document = reader.next()) {
        all.add(document);
      }
    }
    return PythonRepr.repr(all);
  }

  /** Files that are what their names say, with options for those of one format. */
  private static Reading byName(Reading.OfFormat options) {
    Reading.Csv csv = options instanceof Reading.Csv its ? its : Reading.Csv.USUAL;
    Reading.Json json = options instanceof Reading.Json its ? its : Reading.Json.USUAL;
    Reading.Text text = options instanceof Reading.Text its ? its : Reading.Text.USUAL;
    return new Reading.ByName(csv, json, text);
  }

  private String csv(String text) throws IOException {
    return documents("t.csv", text, Reading.ByName.USUAL);
  }

  private void assertRefused(String message, String name, String text, Reading reading) {
    InputException e = assertThrows(InputException.class, () -> documents(name, text, reading));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @Test
  void aByteOrderMarkIsPartOfATextOnly() throws IOException {
    assertEquals("[{'a': 1}]", csv("\ufeffa\n1\n"));
    assertEquals("[{'a': 1}]", documents("t.jsonl", "\ufeff{\"a\": 1}\n", Reading.ByName.USUAL));
    assertEquals("[{'a': 1}]", documents("t.json", "\ufeff[{\"a\": 1}]", Reading.ByName.USUAL));
    Path file = Files.writeString(folder.resolve("t.txt"), "\ufeffa\nb\n");
    try (DocumentReader reader = new Split(List.of(file)).open()) {
      assertEquals("\ufeffa", reader.next().get("text"));
      assertEquals("b", reader.next().get("text"));
    }
  }

  @Test
  void columnsOfCsvAreWhatAllTheirFieldsCanBe() throws IOException {
    assertEquals(
        "[{'n': 1.0, 'f': 1.5, 'b': True, 'mix': '1', 'e': None, 'na': None, 'lead': 7},"
            + " {'n': None, 'f': 300.0, 'b': False, 'mix': 'a', 'e': None, 'na': ' ', 'lead': 8},"
            + " {'n': 4.0, 'f': inf, 'b': True, 'mix': None, 'e': None, 'na': None, 'lead': 5}]",
        csv(
            "n,f,b,mix,e,na,lead\n1,1.5,True,1,,NA,007\n,3e2,FALSE,a,,\" \", 8\n"
                + "4,inf,true,,,None,+5\n"));
    assertEquals(
        "[{'u': 18446744073709551615, 'over': '18446744073709551616', 's': 7, 't': '1_000',"
            + " 'b': 'True', 'd': 1.0},"
            + " {'u': 5, 'over': '1', 's': 8, 't': '2', 'b': '1', 'd': 0.5}]",
        csv(
            "u,over,s,t,b,d\n18446744073709551615,18446744073709551616, 7 ,1_000,True,1.\n"
                + "5,1,8,2,1,.5\n"));
  }

  @Test
  void whatStandsForNothingIsNone() throws IOException {
    assertEquals(
        "[{'a': 1, 'b': None}, {'a': 2, 'b': None}, {'a': 3, 'b': 'null '}]",
        csv("a,b\n1,NULL\n2,n/a\n3,null \n"));
    assertEquals("[{'a': 1.0}, {'a': 3.0}, {'a': None}]", csv("a\n1\n\n3\n\"\"\n"));
  }

  @Test
  void fieldsMayBeQuotedAndLinesShort() throws IOException {
    assertEquals(
        "[{'q,1': 'a \"b\" c', 'r': 'x'}, {'q,1': 'line\\ntwo', 'r': '5\" pipe'}, {'q,1': 'short',"
            + " 'r': None}]",
        csv("\"q,1\",r\n\"a \"\"b\"\" c\",x\n\"line\ntwo\",5\" pipe\n\nshort\n   \n"));
  }

  @Test
  void namesOfColumns() throws IOException {
    assertEquals("[{'a': 1, 'a.1': 2, 'Unnamed: 2': 3, 'b': 4}]", csv("\n\na,a,,b\r\n1,2,3,4\r\n"));
    assertEquals("[{'a': 1, 'b': None}]", csv("\uFEFFa,b\n1,\n"));
    assertEquals(
        "[{'q': 'a', 'n': 1}, {'q': 'b', 'n': 2}]",
        documents("n.csv", "a,1\nb,2\n", byName(new Reading.Csv(null, List.of("q", "n"), null))));
    assertEquals(
        "[{'q': 'b', 'n': 2}]",
        documents("n.csv", "a,1\nb,2\n", byName(new Reading.Csv(null, List.of("q", "n"), true))));
    assertEquals(
        "[{'0': 'a', '1': 1}]",
        documents("n.csv", "a,1\n", byName(new Reading.Csv(null, null, false))));
  }

  @Test
  void separatorsAreWhatTheNameOrTheTaskSays() throws IOException {
    assertEquals(
        "[{'a': 1, 'b': 2.5}]", documents("t.tsv", "a\tb\n1\t2.5\n", Reading.ByName.USUAL));
    assertEquals(
        "[{'a': 1, 'b': 2}]",
        documents("t.csv", "a;b\n1;2\n", byName(new Reading.Csv(';', null, null))));
    assertEquals("[{'a': '1;2'}]", documents("t.dat", "a\n1;2\n", Reading.Csv.USUAL));
  }

  @Test
  void wrongCsvIsRefused() {
    assertRefused(
        ".*more.csv: line 3 has 3 fields, and there are 2 columns",
        "more.csv",
        "a,b\n1,2\n4,5,6\n",
        Reading.ByName.USUAL);
    assertRefused(
        "(?s).*t.csv: is not valid CSV: .*", "t.csv", "a,b\n\"x\"y,1\n", Reading.ByName.USUAL);
    assertRefused(
        "(?s).*t.csv: is not valid CSV: .*", "t.csv", "a,b\n\"x,1\n", Reading.ByName.USUAL);
    assertRefused(
        ".*empty.csv: has no columns: it is empty", "empty.csv", "", Reading.ByName.USUAL);
    assertRefused(
        ".*t.csv: dataset_kwargs has field, which is nothing .*",
        "t.csv",
        "a\n1\n",
        byName(new Reading.Json("data")));
  }

  @Test
  void textsAreLinesOrParagraphsOrWhole() throws IOException {
    String text = "p1a\r\np1b\n\n\np2\rx\u0085y\n";
    assertEquals(
        "[{'text': 'p1a'}, {'text': 'p1b'}, {'text': ''}, {'text': ''}, {'text': 'p2'},"
            + " {'text': 'x\\x85y'}]",
        documents("t.txt", text, Reading.ByName.USUAL));
    assertEquals(
        "[{'text': 'p1a\\n'}, {'text': 'p1b'}]",
        documents("t.txt", "p1a\np1b", byName(new Reading.Text(null, true))));
    assertEquals(
        "[{'text': 'p1a\\np1b'}, {'text': '\\np2\\nx\\x85y\\n'}]",
        documents("t.txt", text, byName(new Reading.Text(Unit.PARAGRAPH, null))));
    assertEquals(
        "[{'text': 'p1a\\np1b\\n'}]",
        documents("t.md", "p1a\np1b\n", new Reading.Text(Unit.DOCUMENT, null)));
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws IOException {
    for (String name : List.of("t.txt", "t.csv")) {
      Path file = Files.write(folder.resolve(name), "a\nü\n".getBytes(StandardCharsets.ISO_8859_1));
      InputException e =
          assertThrows(
              InputException.class,
              () -> {
                try (DocumentReader reader = new Split(List.of(file)).open()) {
                  while (reader.next() != null) {}
                }
              });
      assertEquals(file + ": is not UTF-8 text", e.getMessage());
    }
  }

  @Test
  void jsonMayBeOneArrayOrHoldItInAField() throws IOException {
    assertEquals(
        "[{'q': 1, 'x': ['a']}, {'q': 2, 'x': []}]",
        documents(
            "t.json",
            "[\n{\"q\": 1,\n\"x\": [\"a\"]}, {\"q\": 2, \"x\": []}\n]",
            Reading.ByName.USUAL));
    assertEquals(
        "[{'text': 'a'}, {'text': 'b'}]",
        documents("t.json", "[\"a\", \"b\"]", Reading.ByName.USUAL));
    assertEquals(
        "[{'q': 1}, {'q': 2}]",
        documents(
            "t.json",
            "{\"version\": {\"data\": 1}, \"data\": [{\"q\": 1}, {\"q\": 2}], \"end\": 1}",
            byName(new Reading.Json("data"))));
    assertRefused(
        ".*t.json: line 2: the array has what is neither an object nor a text",
        "t.json",
        "[\n1]",
        Reading.ByName.USUAL);
    assertRefused(
        ".*t.json: line 1 is not valid JSON: .*", "t.json", "[{\"a\": 1}, {", Reading.ByName.USUAL);
    assertRefused(
        ".*t.json: is no JSON object with an array in the field data",
        "t.json",
        "{\"date\": []}",
        byName(new Reading.Json("data")));
  }
}
