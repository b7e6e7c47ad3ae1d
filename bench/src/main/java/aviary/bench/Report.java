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
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.Chart;

/** A folder with one page that has everything in it, its charts as PNG files, and the numbers. */
public final class Report {
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
    Map<String, byte[]> images = draw(folder, run);
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      WholeFile.write(folder.resolve(image.getKey() + ".png"), image.getValue());
    }
    WholeFile.write(folder.resolve("index.html"), utf8(page(run, images)));
  }

  private static Map<String, byte[]> draw(Path folder, Run run) throws IOException {
    System.setProperty("java.awt.headless", "true");
    Map<String, byte[]> images = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Chart<?, ?>> chart : Charts.of(run).entrySet()) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(BitmapEncoder.getBufferedImage(chart.getValue()), "png", png);
        images.put(chart.getKey(), png.toByteArray());
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

  private static String page(Run run, Map<String, byte[]> images) {
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
        code { background: #f4f4f4; padding: 0 .2em }
        </style>
        </head>
        <body>
        <h1>Aviary benchmarks</h1>
        """);
    environment(page, run.environment());
    limits(page, run);
    page.append("<h2>Charts</h2>\n");
    images.forEach((name, png) ->
        page.append(
            "<img alt=\"%s\" src=\"data:image/png;base64,%s\">%n"
                .formatted(name, Base64.getEncoder().encodeToString(png))));
    page.append("<h2>Models</h2>\n");
    results(page, run.measurements().stream().filter(m -> !isOperation(m)).toList());
    List<Measurement> operations = run.measurements().stream().filter(Report::isOperation).toList();
    if (!operations.isEmpty()) {
      page.append("<h2>Single operations</h2>\n");
      results(page, operations);
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
    fact(page, "version", of.version());
    fact(page, "processor", "%s, %d cores".formatted(of.cpu(), of.cores()));
    fact(page, "memory", "%d MiB".formatted(of.memoryBytes() >> 20));
    fact(page, "system", of.os());
    fact(page, "JVM", of.jvm());
    fact(page, "flags", String.join(" ", of.flags()));
    of.devices()
        .forEach((id, its) -> {
          List<String> facts = new ArrayList<>();
          its.forEach((name, text) -> facts.add(name + ": " + text));
          fact(page, id, String.join("; ", facts));
        });
    of.models().forEach((name, hash) -> fact(page, name, "SHA-256 " + hash));
    page.append("</table>\n");
  }

  private static void fact(StringBuilder page, String name, String text) {
    page.append("<tr><th>%s</th><td>%s</td></tr>%n".formatted(escaped(name), escaped(text)));
  }

  /** Of each device the least and the most, as each engine has had its own. */
  private static void limits(StringBuilder page, Run run) {
    page.append("<h2>What the devices would allow</h2>\n<table>\n");
    page.append("<tr><th>device</th><th>threads</th><th>reads</th><th>multiplies</th></tr>\n");
    Map<String, List<Limits>> byPlace = new LinkedHashMap<>();
    for (Limits limit : run.limits()) {
      byPlace
          .computeIfAbsent(limit.device() + " " + limit.threads(), _ -> new ArrayList<>())
          .add(limit);
    }
    for (List<Limits> its : byPlace.values()) {
      page.append(
          "<tr><td>%s</td><td>%d</td><td>%s GB/s</td><td>%s GFLOP/s</td></tr>%n"
              .formatted(
                  escaped(its.getFirst().device()),
                  its.getFirst().threads(),
                  billions(its.stream().mapToDouble(Limits::bytesPerSecond)),
                  billions(its.stream().mapToDouble(Limits::flopsPerSecond))));
    }
    page.append("</table>\n");
    page.append(
        "<p>Measured anew beside each model and type: the least and the most. Shares are of what was"
            + " measured beside the same engine.</p>\n");
  }

  private static String billions(DoubleStream rates) {
    DoubleSummaryStatistics range = rates.summaryStatistics();
    return range.getCount() == 1
        ? String.format(Locale.ROOT, "%.1f", range.getMin() / 1e9)
        : String.format(Locale.ROOT, "%.1f to %.1f", range.getMin() / 1e9, range.getMax() / 1e9);
  }

  private static void results(StringBuilder page, List<Measurement> measurements) {
    page.append(
        "<table>\n<tr><th>model</th><th>type</th><th>device</th><th>threads</th><th>test</th>"
            + "<th class=\"number\">mean ± spread</th><th></th><th>of limit</th></tr>\n");
    for (Measurement m : measurements) {
      Measurement.Setting setting = m.setting();
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td>%s</td><td>%s</td><td>%d</td><td>%s</td>"
                  + "<td class=\"number\">%s</td><td>%s</td><td>%s</td></tr>%n",
              escaped(setting.model()),
              escaped(setting.dtype()),
              escaped(setting.device()),
              setting.threads(),
              escaped(m.test().name()),
              Tables.format(m.mean(), m.deviation()),
              escaped(m.unit()),
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
