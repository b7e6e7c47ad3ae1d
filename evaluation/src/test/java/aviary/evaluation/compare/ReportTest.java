package aviary.evaluation.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.output.ResultTable;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runs side by side, as a table and as a page. */
class ReportTest {
  private static final String DATE = "2026-01-02T03-04-05.678901";

  @TempDir private Path root;

  /** A run of xcopa_it, and of xcopa_et without samples. */
  private RunFiles run(String name, double error, int... right) throws IOException {
    Path folder = Files.createDirectories(root.resolve(name));
    List<String> samples = new ArrayList<>();
    double sum = 0;
    for (int i = 0; i < right.length; i++) {
      sum += right[i];
      samples.add(
          """
          {"doc_id": %d, "target": "0", "arguments": {"gen_args_0": {"arg_0": "Why <%1$d>", "arg_1": " so"}, \
          "gen_args_1": {"arg_0": "Why <%1$d>", "arg_1": " not"}}, "filtered_resps": \
          [["-1.23456789", "False"], ["-%1$d.5", "True"]], "metrics": ["acc"], "doc_hash": "h%1$d", \
          "acc": %2$d.0}\
          """
              .formatted(i, right[i]));
    }
    Files.write(folder.resolve("samples_xcopa_it_" + DATE + ".jsonl"), samples);
    Files.writeString(
        folder.resolve("results_" + DATE + ".json"),
        String.format(
            Locale.ROOT,
            """
            {"results": {
              "xcopa_it": {"alias": "xcopa_it", "acc,none": %s, "acc_stderr,none": %s},
              "xcopa_et": {"alias": "xcopa_et", "acc,none": %s, "acc_stderr,none": "N/A"},
              "xcopa": {"alias": "xcopa", "acc,none": %s, "acc_stderr,none": 0.3}},
             "group_subtasks": {"xcopa": ["xcopa_et", "xcopa_it"]}, "model_name": "%s"}\
            """,
            sum / right.length,
            error,
            error,
            sum / right.length,
            name));
    return RunFiles.read(folder);
  }

  private List<RunFiles> runs() throws IOException {
    return List.of(run("a&b", 0.2887, 1, 0, 1, 0), run("c", 0.25, 1, 1, 1, 0));
  }

  @Test
  void aDifferencesErrorIsOfTheSameDocumentsWhereThereAreSamples() throws IOException {
    List<RunFiles> runs = runs();
    List<List<String>> cells = new Comparison(runs.get(0), runs.get(1)).cells();
    // Without samples: the root of the sum of squares.
    assertEquals(
        List.of("xcopa", "acc", "0.5000", "± 0.3000", "0.7500", "± 0.3000", "0.2500", "± 0.4243"),
        cells.get(0));
    assertEquals(
        List.of("xcopa_et", "acc", "0.2887", "N/A", "0.2500", "N/A", "-0.0387", "N/A"),
        cells.get(1));
    // The differences are 0, 1, 0, 0: their deviation is 0.5, and 0.5 / sqrt(4) is the error.
    assertEquals(
        List.of(
            "xcopa_it", "acc", "0.5000", "± 0.2887", "0.7500", "± 0.2500", "0.2500", "± 0.2500"),
        cells.get(2));
    assertTrue(
        new Comparison(runs.get(0), runs.get(1))
            .table()
            .startsWith("| Tasks  |Metric|A: a&b| Stderr |"));
  }

  private RunFiles scored(String name, String perplexity, String accuracy) throws IOException {
    Path folder = Files.createDirectories(root.resolve(name));
    Files.writeString(
        folder.resolve("results_" + DATE + ".json"),
        """
        {"results": {"lambada": {"alias": "lambada", "perplexity,none": %s,
          "perplexity_stderr,none": "N/A", "acc,none": %s, "acc_stderr,none": %s}},
         "group_subtasks": {}, "model_name": "%s"}\
        """
            .formatted(perplexity, accuracy, accuracy, name));
    return RunFiles.read(folder);
  }

  /** Where one side is all zeros, and the other not. */
  @Test
  void bothSidesHaveTheSameDecimals() throws IOException {
    String table = new Comparison(scored("a", "12.0", "0.0"), scored("b", "7.5", "0.25")).table();
    List<String> rows = table.lines().skip(2).toList();
    assertEquals(
        "|lambada|acc       | 0.0000|± 0.0000|0.2500|± 0.2500| 0.2500|± 0.2500|", rows.get(0));
    assertEquals(
        "|       |perplexity|12.0000|N/A     |7.5000|N/A     |-4.5000|N/A     |", rows.get(1));
    String zeros = new Comparison(scored("a", "1.0", "0.0"), scored("b", "2.0", "0.0")).table();
    assertEquals(
        "|lambada|acc       |0.0000|± 0.0000|0.0000|± 0.0000|0.0000|± 0.0000|",
        zeros.lines().skip(2).findFirst().orElseThrow());
  }

  /** Beside numbers and beside texts, as a value and as an error. */
  @Test
  void whatIsNoNumberIsWrittenInOneWay() throws IOException {
    RunFiles none = scored("a", "NaN", "NaN");
    RunFiles great = scored("b", "Infinity", "0.25");
    Path page = root.resolve("page.html");
    new Report(List.of(none, great)).write(page);
    String compared = new Comparison(none, great).table();
    assertTrue(
        compared.contains("|lambada|acc       | NaN|± NaN |  0.2500|± 0.2500|  NaN|± NaN |"),
        compared);
    assertTrue(
        compared.contains("|       |perplexity| NaN|N/A   |Infinity|N/A     |  NaN|N/A   |"),
        compared);
    List<String> all =
        List.of(
            compared,
            Files.readString(page).replaceAll("data:image/png;base64,[^\"]*", ""),
            ResultTable.of(none.fields(), "results"),
            ResultTable.of(great.fields(), "results"));
    for (String text : all) {
      assertTrue(text.contains("NaN") || text.contains("Infinity"), text);
      assertFalse(Pattern.compile("\\b(nan|NAN|-?inf|INF)\\b").matcher(text).find(), text);
    }
    assertTrue(all.get(2).contains("|   NaN|") || all.get(2).contains("|NaN   |"), all.get(2));
  }

  /** As the double is: that of 0.00015 is a little less than 0.00015. */
  @Test
  void numbersAreRoundedAlikeInAllTables() throws IOException {
    RunFiles less = scored("a", "0.00015", "0.00001");
    String compared = new Comparison(less, scored("b", "0.00015", "0.0")).table();
    assertTrue(compared.contains("|perplexity|0.0001|N/A     |0.0001|"), compared);
    assertFalse(compared.contains("-0.0000"), compared);
    assertTrue(ResultTable.of(less.fields(), "results").contains("|0.0001|"));
  }

  @Test
  void aGreatPerplexityHasAnExponent() throws IOException {
    RunFiles great = scored("a", "1.2345678e30", "0.25");
    String table = new Comparison(great, scored("b", "1e12", "0.5")).table();
    assertTrue(table.contains("|1.2346e+30|N/A     |1.0000e+12|N/A     |-1.2346e+30|"), table);
    String alone = ResultTable.of(great.fields(), "results");
    assertTrue(alone.contains("|1.2346e+30|"), alone);
    assertTrue(alone.contains("|      0.25|"), alone);
    assertTrue(alone.lines().allMatch(line -> line.length() < 80), alone);
  }

  @Test
  void aPageShowsScoresAndTheDocumentsThatDiffer() throws IOException {
    Path page = root.resolve("page.html");
    new Report(runs()).write(page);
    String html = Files.readString(page);
    assertTrue(html.contains("<h1>Scores of a&amp;b and c</h1>"), html);
    assertTrue(html.contains("xcopa_it: 1 of 4 documents"));
    assertTrue(html.contains("<pre>Why &lt;1&gt;\n→ so\n→ not</pre>"));
    assertTrue(html.contains("<pre>-1.2346 ← chosen\n-1.5</pre>"), html);
    assertTrue(html.contains("<td><pre>so</pre></td>"), "the right choice");
    assertTrue(html.contains("<h2>Chance level</h2>"));
    assertTrue(
        html.contains("<tr><td><pre>xcopa_it</pre></td><td><pre>0.5000</pre></td></tr>"), html);
    assertFalse(html.contains("Why &lt;2&gt;"), "where they do not differ");
    assertEquals(1, pictures(html).size());
  }

  /** The longer choice has the smaller sum, and the greater one for each of its characters. */
  @Test
  void theMarkedAnswerIsThatOfTheMetric() {
    Map<String, Object> arguments = new LinkedHashMap<>();
    List<String> choices = List.of("==so", "==so it is");
    for (int i = 0; i < 2; i++) {
      Map<String, Object> request = new LinkedHashMap<>();
      request.put("arg_0", "Why");
      request.put("arg_1", choices.get(i));
      arguments.put("gen_args_" + i, request);
    }
    Map<String, Object> sample =
        Map.of("arguments", arguments, "filtered_resps", List.of(List.of("-2.0"), List.of("-6.0")));
    SampleText text = new SampleText(sample, "==");
    assertEquals("-2.0 ← chosen\n-6.0", text.answers("acc"));
    assertEquals("-2.0\n-6.0 ← chosen", text.answers("acc_norm"));
    assertEquals("-2.0\n-6.0 ← chosen", text.answers("acc_bytes"));
  }

  @Test
  void whatOnlyOneRunHasAndWhereTheyWereAskedOtherwiseIsSaid() throws IOException {
    Path folder = Files.createDirectories(root.resolve("shots"));
    Path one = folder.resolve("results_1.json");
    Path other = folder.resolve("results_2.json");
    String scores = "{\"acc,none\": 0.5, \"acc_stderr,none\": \"N/A\"}";
    Files.writeString(
        one,
        """
        {"results": {"piqa": %s, "sciq": %1$s}, "n-shot": {"piqa": 0},
         "n-samples": {"piqa": {"original": 9, "effective": 4}}}\
        """
            .formatted(scores));
    Files.writeString(
        other,
        """
        {"results": {"piqa": %s}, "n-shot": {"piqa": 1},
         "n-samples": {"piqa": {"original": 9, "effective": 4}}}\
        """
            .formatted(scores));
    Comparison comparison = new Comparison(RunFiles.read(one), RunFiles.read(other));
    assertEquals(List.of("Only A has: sciq", "piqa: 0 shots in A, 1 in B"), comparison.notes());
    assertTrue(comparison.table().endsWith("\nOnly A has: sciq\npiqa: 0 shots in A, 1 in B\n"));
  }

  private static List<BufferedImage> pictures(String html) throws IOException {
    List<BufferedImage> pictures = new ArrayList<>();
    Matcher matcher = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(html);
    while (matcher.find()) {
      byte[] png = Base64.getDecoder().decode(matcher.group(1));
      pictures.add(ImageIO.read(new ByteArrayInputStream(png)));
    }
    return pictures;
  }

  @Test
  void aPageOfOneRunHasItsTable() throws IOException {
    Path page = root.resolve("page.html");
    new Report(List.of(run("one", 0.25, 1, 0))).write(page);
    String html = Files.readString(page);
    assertTrue(html.contains("| - xcopa_it|"), html);
    assertTrue(html.contains("xcopa_it: 1 of 2 documents"), html);
    assertTrue(html.contains("Why &lt;1&gt;"), html);
    assertFalse(html.contains("Why &lt;0&gt;"), "a document that is answered right");
    BufferedImage picture = pictures(html).getFirst();
    assertTrue(picture.getWidth() >= 640 && picture.getHeight() >= 400);
  }

  @Test
  void manyNamesAreAllWrittenBelowTheirBars() throws IOException {
    List<String> names = new ArrayList<>();
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      names.add("a_long_name_of_task_" + i);
      numbers.add(0.5);
    }
    byte[] png = Charts.bars("acc", names, List.of(new Charts.Series("model", numbers, numbers)));
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
    // Upright letters need 16 pixels of width a name, and as much height as the longest name.
    assertTrue(picture.getWidth() >= 60 * 16, picture.getWidth() + " wide");
    assertTrue(picture.getHeight() >= 420 + 21 * 8, picture.getHeight() + " high");
  }

  @Test
  void whatIsNoResultFileIsRefused() throws IOException {
    InputException e = assertThrows(InputException.class, () -> RunFiles.read(root));
    assertEquals(root + ": there is no results_DATE.json in it", e.getMessage());
    Path file = Files.writeString(root.resolve("results_x.json"), "{\"a\": 1}");
    e = assertThrows(InputException.class, () -> RunFiles.read(file));
    assertEquals(file + ": is no result file: it has no \"results\"", e.getMessage());
    Files.writeString(file, "{");
    e = assertThrows(InputException.class, () -> RunFiles.read(file));
    assertTrue(e.getMessage().startsWith(file + ": is no JSON: "), e.getMessage());
  }
}
