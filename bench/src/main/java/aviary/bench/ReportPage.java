package aviary.bench;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * A run as one HTML page: first the result in one table, then charts and all numbers, and at the
 * end what they depend on and what the words mean.
 */
final class ReportPage {

  /** What says that a page is one of these. */
  private static final String MARK = "<title>Aviary benchmarks</title>";

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      %s
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222 }
      .wide { overflow-x: auto }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 14px }
      th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: left; vertical-align: top }
      th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
      td.fact { overflow-wrap: anywhere }
      small { color: #a40; display: block; white-space: normal }
      img { max-width: 100%; display: block; margin: 1rem 0 }
      dl { display: grid; grid-template-columns: 10rem auto; gap: .3rem }
      dt { font-weight: 600 }
      dd { margin: 0 }
      @media (max-width: 40rem) {
        dl { display: block }
        dd { margin: 0 0 .6rem 0 }
        th, td { padding: .25rem .4rem }
      }
      </style>
      </head>
      <body>
      <h1>Aviary benchmarks</h1>
      """
          .replaceFirst("%s", MARK);

  private static final String LEGEND =
      """
      <h2>What the words mean</h2>
      <dl>
      <dt>pp512</dt><dd>a prompt of 512 tokens: tokens a second, with the logits after its last</dd>
      <dt>tg128</dt><dd>128 tokens generated, each the most likely one after the one before: tokens a second</dd>
      <dt>pp512+tg128</dt><dd>both, one after the other, in the same sequence: tokens a second, all counted</dd>
      <dt>x4</dt><dd>of 4 sequences side by side, all together</dd>
      <dt>@d4096</dt><dd>of sequences that have seen 4096 tokens before</dd>
      <dt>beside 1</dt><dd>while another process kept 1 thread busy all the time; <em>of quiet</em> is the fraction
      of the mean without it</dd>
      <dt>mean ± spread</dt><dd>of %s: the mean and, of more than one, the standard deviation. Where that is
      more than a tenth of the mean, the median is added, and the number says little</dd>
      <dt>of limit</dt><dd>the mean as a fraction of the device's peak: <em>memory</em> is how fast it reads
      memory, compared with the bytes that a token or an operation has to read; <em>multiplications</em> is how
      fast it multiplies and adds, compared with the operations of matrices</dd>
      <dt>load, first token</dt><dd>seconds until an engine is there, and until its first token</dd>
      <dt>memory</dt><dd>the model's own: its weights, the engine's buffers (activations, weights in another
      layout, arrays on the device), and the states of the sequences side by side. The JVM's own memory is not
      in it; the most that the whole process had is in bench.json, process_peak_mib</dd>
      <dt>compile, kernels, transfers</dt><dd>what a device's profiler reports of one run</dd>
      </dl>
      """;

  private final Run run;
  private final StringBuilder page = new StringBuilder(HEAD);

  private ReportPage(Run run) {
    this.run = run;
  }

  /** Whether a text is such a page. */
  static boolean isOne(String text) {
    return text.contains(MARK);
  }

  /** The page, with the images in it. */
  static String of(Run run, List<Report.Image> images) {
    ReportPage its = new ReportPage(run);
    its.result();
    its.failures();
    its.charts(images);
    its.numbers();
    its.limits();
    its.environment();
    its.page.append(LEGEND.formatted(its.repetitions()));
    return its.page.append("</body>\n</html>\n").toString();
  }

  /** Models by device, and the speeds of each in a row. */
  private void result() {
    if (run.interrupted()) {
      page.append("<p><strong>Interrupted: this is what was measured until then.</strong></p>\n");
    }
    Map<String, Map<String, Measurement>> rows = new LinkedHashMap<>();
    List<String> tests = new ArrayList<>();
    for (Measurement m : run.measurements()) {
      if (m.unit().equals(Measurement.TOKENS)) {
        Measurement.Setting its = m.setting();
        rows.computeIfAbsent(
                cells(its.model(), its.dtype(), its.place()), _ -> new LinkedHashMap<>())
            .put(m.test().name(), m);
        if (!tests.contains(m.test().name())) {
          tests.add(m.test().name());
        }
      }
    }
    if (!rows.isEmpty()) {
      page.append("<h2>Tokens a second</h2>\n<div class=\"wide\"><table>\n");
      page.append("<tr><th>model</th><th>type</th><th>device</th>");
      tests.forEach(
          test -> page.append("<th class=\"number\">").append(escaped(test)).append("</th>"));
      page.append("</tr>\n");
      rows.forEach((setting, its) -> {
        page.append("<tr>").append(setting);
        tests.forEach(test -> page.append(speed(its.get(test))));
        page.append("</tr>\n");
      });
      page.append("</table></div>\n");
    }
    Environment of = run.environment();
    StringJoiner facts = new StringJoiner("; ", "<p>", ". ");
    facts.add(escaped(of.version())).add(escaped(of.cpu())).add(escaped(of.time()));
    Tables.load(run).ifPresent(load -> facts.add(escaped(load)));
    page.append(facts)
        .append("All numbers, with each repetition's: <a href=\"bench.json\">bench.json</a></p>\n");
  }

  private static String speed(Measurement m) {
    return m == null ? "<td></td>" : "<td class=\"number\">%s</td>".formatted(number(m));
  }

  /** With the median below it where the samples spread far. */
  private static String number(Measurement m) {
    String number = Tables.format(m.mean(), m.deviation());
    return m.isUneven() ? number + "<small>" + escaped(Tables.note(m)) + "</small>" : number;
  }

  private static String cells(String... texts) {
    StringBuilder cells = new StringBuilder();
    for (String text : texts) {
      cells.append("<td>").append(escaped(text)).append("</td>");
    }
    return cells.toString();
  }

  private void failures() {
    if (run.failures().isEmpty()) {
      return;
    }
    page.append("<h2>What could not be measured</h2>\n<table>\n");
    run.failures().forEach(failed -> fact(failed.what(), failed.message()));
    page.append("</table>\n");
  }

  private void charts(List<Report.Image> images) {
    if (images.isEmpty()) {
      return;
    }
    page.append("<h2>Charts</h2>\n");
    images.forEach(image ->
        page.append(
            "<img alt=\"%s\" src=\"data:image/png;base64,%s\" %s>%n"
                .formatted(
                    escaped(image.text()),
                    Base64.getEncoder().encodeToString(image.png()),
                    mark(image.name()))));
  }

  /** How a page says that a chart's file is its report's. */
  static String mark(String chart) {
    return "id=\"aviary-chart-%s\"".formatted(chart);
  }

  private void numbers() {
    page.append("<h2>Models</h2>\n");
    results("model", run.measurements().stream().filter(m -> !isOperation(m)).toList());
    List<Measurement> operations =
        run.measurements().stream().filter(ReportPage::isOperation).toList();
    if (!operations.isEmpty()) {
      page.append("<h2>Single operations</h2>\n");
      results("operation", operations);
    }
  }

  private static boolean isOperation(Measurement m) {
    return m.unit().equals(Measurement.BYTES) || m.unit().equals(Measurement.FLOPS);
  }

  private void results(String subject, List<Measurement> measurements) {
    page.append(
        "<div class=\"wide\"><table>\n<tr><th>"
            + subject
            + "</th><th>type</th><th>device</th><th>threads</th><th>test</th>"
            + "<th class=\"number\">mean ± spread</th><th></th><th>of limit</th></tr>\n");
    for (Measurement m : measurements) {
      Measurement.Setting setting = m.setting();
      String parts = m.isUneven() ? "" : Tables.note(m);
      page.append("<tr>")
          .append(
              cells(
                  setting.model(),
                  setting.dtype(),
                  setting.device(),
                  Tables.threads(setting),
                  m.test().name()))
          .append(speed(m))
          .append(cells(m.unit() + (parts.isEmpty() ? "" : ": " + parts), Tables.share(m)))
          .append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  private void limits() {
    page.append("<h2>The peak of each device</h2>\n<div class=\"wide\"><table>\n");
    page.append("<tr><th>device</th><th>threads</th><th>reads</th><th>multiplies</th></tr>\n");
    for (Limits.Range range : Limits.ranges(run.limits())) {
      String threads = range.threads() > 0 ? String.valueOf(range.threads()) : "";
      page.append("<tr>")
          .append(cells(range.device(), threads, range.reads(), range.multiplies()))
          .append("</tr>\n");
    }
    page.append("</table></div>\n");
    page.append(
        "<p>Measured again for each model and type: the least and the most. Fractions are of what was"
            + " measured for the same engine.</p>\n");
  }

  private void environment() {
    Environment of = run.environment();
    page.append("<h2>What the numbers depend on</h2>\n<table>\n");
    fact("time", of.time());
    fact("options", options(of));
    fact("version", of.version());
    fact("processor", "%s, %d cores".formatted(of.cpu(), of.cores()));
    Tables.load(run).ifPresent(load -> fact("load", load));
    fact("memory", "%d MiB".formatted(of.memoryBytes() >> 20));
    fact("system", of.os());
    fact("JVM", of.jvm());
    fact("flags", String.join(" ", of.flags()));
    fact("BLAS", of.blas());
    of.devices()
        .forEach((id, its) -> {
          List<String> facts = new ArrayList<>();
          its.forEach((name, text) -> facts.add(name + ": " + text));
          fact(id, String.join("; ", facts));
        });
    of.models().forEach((name, hash) -> fact(name, "SHA-256 " + hash));
    page.append("</table>\n");
  }

  private String repetitions() {
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

  private void fact(String name, String text) {
    page.append(
        String.format(
            Locale.ROOT,
            "<tr><th>%s</th><td class=\"fact\">%s</td></tr>%n",
            escaped(name),
            escaped(text)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
