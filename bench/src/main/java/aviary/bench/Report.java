package aviary.bench;

import aviary.InputException;
import aviary.safetensors.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;

/** A folder with one page that has everything in it, its charts as PNG files, and the numbers. */
public final class Report {

  private static final String LEGEND =
      """
      <h2>What the words mean</h2>
      <dl>
      <dt>pp512</dt><dd>a prompt of 512 tokens: tokens a second, with the logits after its last</dd>
      <dt>tg128</dt><dd>128 tokens generated, each the most likely one after the one before: tokens a second</dd>
      <dt>x4</dt><dd>of 4 sequences side by side, all together</dd>
      <dt>@d4096</dt><dd>of sequences that have seen 4096 tokens before</dd>
      <dt>mean ± spread</dt><dd>of %s: the mean and, of more than one, the standard deviation</dd>
      <dt>of limit</dt><dd>the mean as a part of what the device would allow: <em>memory</em> is how fast it reads
      memory, compared with the bytes that a token or an operation has to read; <em>multiplications</em> is how
      fast it multiplies and adds, compared with the operations of matrices</dd>
      <dt>load, first token</dt><dd>seconds until an engine is there, and until its first token</dd>
      <dt>memory</dt><dd>the most that the process had while an engine ran, and what of it was there before: the
      model's weights, and what the JVM keeps of earlier work; <em>memory so far</em>, where the system cannot
      begin anew, is the most since the process began</dd>
      <dt>compile, kernels, transfers</dt><dd>what a device's profiler tells of one run</dd>
      </dl>
      """;

  private Report() {}

  /**
   * Checks that a report can be written there, before anything is measured for it.
   *
   * @throws InputException if not
   */
  public static void require(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InputException(folder + ": the folder for the report cannot be made", e);
    }
    try {
      Files.delete(Files.createTempFile(folder, ".writing-", ".tmp"));
    } catch (IOException e) {
      throw new InputException(folder + ": the report cannot be written there", e);
    }
  }

  /**
   * Writes {@code bench.json} alone, which takes no time.
   *
   * @throws IOException if it cannot be written, in one line that names the file
   */
  public static void keep(Path folder, Run run) throws IOException {
    WholeFile.write(folder.resolve("bench.json"), utf8(BenchFile.write(run)));
  }

  /**
   * Writes {@code index.html}, {@code bench.json} and the charts.
   *
   * @throws IOException if it cannot be written, in one line that names the file
   */
  public static void write(Path folder, Run run) throws IOException {
    keep(folder, run);
    List<Image> images = draw(folder, run);
    for (Image image : images) {
      WholeFile.write(folder.resolve(image.name() + ".png"), image.png());
    }
    WholeFile.write(folder.resolve("index.html"), utf8(page(run, images)));
  }

  /**
   * A chart.
   *
   * @param name its file's, without the end
   * @param text what it shows
   */
  private record Image(String name, String text, byte[] png) {}

  private static List<Image> draw(Path folder, Run run) throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<Image> images = new ArrayList<>();
    try {
      for (Map.Entry<String, Charts.Drawn> chart : Charts.of(run).entrySet()) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(BitmapEncoder.getBufferedImage(chart.getValue().chart()), "png", png);
        images.add(new Image(chart.getKey(), chart.getValue().text(), png.toByteArray()));
      }
    } catch (ExceptionInInitializerError | NoClassDefFoundError | InternalError e) {
      throw new IOException(
          folder
              + ": charts cannot be drawn, since this machine has no fonts (Debian: install"
              + " fontconfig and fonts-dejavu-core); the numbers are in bench.json",
          e);
    }
    return images;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String page(Run run, List<Image> images) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Aviary benchmarks</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222 }
        table { border-collapse: collapse; margin: 1rem 0; font-size: 14px }
        th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: left }
        th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
        img { max-width: 100%; display: block; margin: 1rem 0 }
        dl { display: grid; grid-template-columns: 10rem auto; gap: .3rem }
        dt { font-weight: 600 }
        dd { margin: 0 }
        code { background: #f4f4f4; padding: 0 .2em }
        </style>
        </head>
        <body>
        <h1>Aviary benchmarks</h1>
        """);
    if (run.interrupted()) {
      page.append("<p><strong>Interrupted: this is what was measured until then.</strong></p>\n");
    }
    page.append(
        "<p>All numbers, with each repetition's: <a href=\"bench.json\">bench.json</a></p>\n");
    environment(page, run.environment());
    limits(page, run);
    page.append(LEGEND.formatted(repetitions(run)));
    page.append("<h2>Charts</h2>\n");
    images.forEach(image ->
        page.append(
            "<img alt=\"%s\" src=\"data:image/png;base64,%s\">%n"
                .formatted(
                    escaped(image.text()), Base64.getEncoder().encodeToString(image.png()))));
    page.append("<h2>Models</h2>\n");
    results(page, "model", run.measurements().stream().filter(m -> !isOperation(m)).toList());
    List<Measurement> operations = run.measurements().stream().filter(Report::isOperation).toList();
    if (!operations.isEmpty()) {
      page.append("<h2>Single operations</h2>\n");
      results(page, "operation", operations);
    }
    failures(page, run);
    return page.append("</body>\n</html>\n").toString();
  }

  private static boolean isOperation(Measurement m) {
    return m.unit().equals(Measurement.BYTES) || m.unit().equals(Measurement.FLOPS);
  }

  private static void environment(StringBuilder page, Environment of) {
    page.append("<table>\n");
    fact(page, "time", of.time());
    fact(page, "options", options(of));
    fact(page, "version", of.version());
    fact(page, "processor", "%s, %d cores".formatted(of.cpu(), of.cores()));
    fact(page, "memory", "%d MiB".formatted(of.memoryBytes() >> 20));
    fact(page, "system", of.os());
    fact(page, "JVM", of.jvm());
    fact(page, "flags", String.join(" ", of.flags()));
    fact(page, "BLAS", of.blas());
    of.devices()
        .forEach((id, its) -> {
          List<String> facts = new ArrayList<>();
          its.forEach((name, text) -> facts.add(name + ": " + text));
          fact(page, id, String.join("; ", facts));
        });
    of.models().forEach((name, hash) -> fact(page, name, "SHA-256 " + hash));
    page.append("</table>\n");
  }

  private static String repetitions(Run run) {
    Map<String, String> options = run.environment().options();
    String times = options.getOrDefault("-r", "several");
    String warmUp = options.get("--warm-up");
    return (run.interrupted() ? "at most " : "")
        + escaped(times)
        + (times.equals("1") ? " run" : " runs")
        + (warmUp == null
            ? ""
            : " after " + escaped(warmUp) + " s of runs that are not counted (one at least)");
  }

  private static String options(Environment of) {
    return of.options().entrySet().stream()
        .map(option -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(" "));
  }

  private static void fact(StringBuilder page, String name, String text) {
    page.append("<tr><th>%s</th><td>%s</td></tr>%n".formatted(escaped(name), escaped(text)));
  }

  private static void limits(StringBuilder page, Run run) {
    page.append("<h2>What the devices would allow</h2>\n<table>\n");
    page.append("<tr><th>device</th><th>threads</th><th>reads</th><th>multiplies</th></tr>\n");
    for (Limits.Range range : Limits.ranges(run.limits())) {
      page.append(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>%n"
              .formatted(
                  escaped(range.device()),
                  range.threads() > 0 ? range.threads() : "",
                  range.reads(),
                  range.multiplies()));
    }
    page.append("</table>\n");
    page.append(
        "<p>Measured anew beside each model and type: the least and the most. Shares are of what was"
            + " measured beside the same engine.</p>\n");
  }

  private static void results(StringBuilder page, String subject, List<Measurement> measurements) {
    page.append(
        "<table>\n<tr><th>"
            + subject
            + "</th><th>type</th><th>device</th><th>threads</th><th>test</th>"
            + "<th class=\"number\">mean ± spread</th><th></th><th>of limit</th></tr>\n");
    for (Measurement m : measurements) {
      Measurement.Setting setting = m.setting();
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>"
                  + "<td class=\"number\">%s</td><td>%s</td><td>%s</td></tr>%n",
              escaped(setting.model()),
              escaped(setting.dtype()),
              escaped(setting.device()),
              Tables.threads(setting),
              escaped(m.test().name()),
              Tables.format(m.mean(), m.deviation()),
              escaped(m.unit() + Tables.before(m)),
              escaped(Tables.share(m))));
    }
    page.append("</table>\n");
  }

  private static void failures(StringBuilder page, Run run) {
    if (run.failures().isEmpty()) {
      return;
    }
    page.append("<h2>What could not be measured</h2>\n<table>\n");
    run.failures().forEach(failed -> fact(page, failed.what(), failed.message()));
    page.append("</table>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
