package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private Path folder;

  @Test
  void aReportHasAPageWithItsChartsAndTheNumbers() throws IOException {
    Run run =
        Runs.of(
            Runs.measurement("bf16", "cpu", "pp512", 100, 120),
            Runs.measurement("bf16", "cpu", "tg128", 30),
            Runs.measurement("bf16", "cpu", "tg128x4", 80),
            Runs.measurement("bf16", "tornado:0:0", "tg128", 300),
            Runs.operation("cpu", 1, 20, 21));
    Path report = folder.resolve("report");
    Report.require(report, false);
    Report.write(report, run);
    assertEquals(run, BenchFile.read(report.resolve("bench.json")));
    String page = Files.readString(report.resolve("index.html"));
    assertTrue(page.contains("a &lt;processor> &amp; more"), "text is escaped");
    assertTrue(page.contains("tornado:0:0"));
    assertTrue(page.contains("it &lt;broke>"), "failures are told");
    assertTrue(page.contains("channel mix of 1024"));
    List<String> charts = List.of("prefill", "decode", "limits", "sequences", "operations-1-row");
    for (String chart : charts) {
      assertEquals(900, ImageIO.read(report.resolve(chart + ".png").toFile()).getWidth(), chart);
    }
    assertTrue(
        page.contains(
            "<img alt=\"Prefill, tokens a second. model &quot;a, b&quot; bf16 pp512: cpu 110.00 ±"
                + " 14.14\" src=\"data:image/png;base64,"),
        "what a chart shows is told");
    assertTrue(page.contains("<a href=\"bench.json\">"));
    assertTrue(page.contains("of 3 runs after 2 s of runs"));
    assertTrue(page.contains("<tr><th>operation</th>"));
    try (var files = Files.list(report)) {
      assertEquals(charts.size() + 2, files.count());
    }
  }

  @Test
  void thePageBeginsWithTheResultAndEndsWithTheGlossary() throws IOException {
    Path report = Files.createDirectories(folder.resolve("report"));
    Report.write(
        report,
        Runs.of(
            Runs.measurement("bf16", "cpu", "pp512", 100, 150),
            Runs.measurement("bf16", "cpu", "tg128", 30),
            Runs.measurement("q8_0", "cpu", "tg128", 50)));
    String page = Files.readString(report.resolve("index.html"));
    assertTrue(
        page.contains(
            "<th>device</th><th class=\"number\">pp512</th><th class=\"number\">tg128</th></tr>"),
        page);
    assertTrue(
        page.contains(
            "<td>bf16</td><td>cpu, 2 threads</td>"
                + "<td class=\"number\">125.00 ± 35.36<small>spread 28 %, median 125.00</small></td>"
                + "<td class=\"number\">30.00</td></tr>"),
        page);
    assertTrue(
        page.contains(
            "<td>q8_0</td><td>cpu, 2 threads</td><td></td><td class=\"number\">50.00</td></tr>"),
        page);
    List<Integer> places =
        Stream.of(
                "<h2>Tokens a second</h2>",
                "<h2>Charts</h2>",
                "<h2>Models</h2>",
                "<h2>The peak of each device</h2>",
                "<th>flags</th>",
                "<h2>What the words mean</h2>")
            .map(page::indexOf)
            .toList();
    assertEquals(places.stream().sorted().toList(), places);
    assertTrue(places.getFirst() > 0);
  }

  @Test
  void anEarlierReportIsReplacedOnlyWhereThatIsAsked() throws IOException {
    Path report = Files.createDirectories(folder.resolve("report"));
    Report.write(report, Runs.of(Runs.measurement("bf16", "cpu", "pp512", 100)));
    assertTrue(Files.exists(report.resolve("prefill.png")));
    assertEquals(
        "--report %s: there is a report already (index.html), which took time to measure; name"
                .formatted(report)
            + " another folder, or replace it with --overwrite",
        assertThrows(InputException.class, () -> Report.require(report, false)).getMessage());
    Path page = report.resolve("index.html");
    final String earlier = Files.readString(page);
    Files.delete(page);
    String ofKilled =
        assertThrows(InputException.class, () -> Report.require(report, false)).getMessage();
    assertTrue(ofKilled.contains("(bench.json)"), ofKilled);
    Files.writeString(page, earlier);
    Report.require(report, true);
    Report.write(report, Runs.of(Runs.measurement("bf16", "cpu", "tg128", 100)));
    assertTrue(Files.exists(report.resolve("decode.png")));
    assertTrue(Files.notExists(report.resolve("prefill.png")), "the earlier report's");
  }

  @Test
  void filesThatAreNoReportsStay() throws IOException {
    Path report = Files.createDirectories(folder.resolve("site"));
    Path page = Files.writeString(report.resolve("index.html"), "<p>mine <img src=depth.png>");
    Path picture = Files.writeString(report.resolve("depth.png"), "mine");
    Path decode = Files.writeString(report.resolve("decode.png"), "mine");
    for (boolean overwrite : List.of(false, true)) {
      assertEquals(
          "--report %s: its index.html is not of aviary bench, and a report would replace it; name"
                  .formatted(report)
              + " another folder, or move that file",
          assertThrows(InputException.class, () -> Report.require(report, overwrite)).getMessage());
    }
    assertEquals("<p>mine <img src=depth.png>", Files.readString(page));
    Files.delete(page);
    Path numbers = Files.writeString(report.resolve("bench.json"), "{\"mine\": 1}");
    assertTrue(
        assertThrows(InputException.class, () -> Report.require(report, true))
            .getMessage()
            .contains("its bench.json is not of aviary bench"));
    Files.delete(numbers);
    String message =
        assertThrows(InputException.class, () -> Report.require(report, false)).getMessage();
    assertTrue(
        message.startsWith("--report %s: there is a file decode.png".formatted(report)), message);
    Run prefill = Runs.of(Runs.measurement("bf16", "cpu", "pp512", 100));
    Report.require(report, true);
    Report.write(report, prefill);
    Report.write(report, prefill);
    assertEquals("mine", Files.readString(picture));
    assertEquals("mine", Files.readString(decode));
  }

  @Test
  void aFolderThatCannotBeIsRefused() throws IOException {
    Path inFile = Files.writeString(folder.resolve("file"), "").resolve("report");
    String message =
        assertThrows(InputException.class, () -> Report.require(inFile, false)).getMessage();
    assertTrue(message.startsWith(inFile + ": the folder for the report cannot be made"), message);
  }
}
