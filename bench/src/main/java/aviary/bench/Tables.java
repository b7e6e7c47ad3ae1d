package aviary.bench;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** A run's results as lines of text. */
public final class Tables {

  private static final List<String> COLUMNS =
      List.of("model", "type", "size", "params", "device", "threads", "test", "t/s", "of limit");

  /** Wide enough for most of what stands there, so that lines can be printed one by one. */
  private static final int[] WIDTHS = {20, 5, 11, 9, 11, 7, 18, 20, 23};

  private Tables() {}

  /** The two lines above a Markdown table's rows. */
  public static List<String> markdownHead() {
    return List.of(
        "| " + String.join(" | ", COLUMNS) + " |", "|" + " --- |".repeat(COLUMNS.size()));
  }

  /** A row of it. */
  public static String markdownRow(Measurement measurement) {
    return "| " + String.join(" | ", cells(measurement)) + " |";
  }

  /** The lines above a table for a terminal. */
  public static List<String> head() {
    return List.of(padded(COLUMNS));
  }

  /** A row of it. */
  public static String row(Measurement measurement) {
    return padded(cells(measurement));
  }

  private static String padded(List<String> cells) {
    StringJoiner row = new StringJoiner("  ");
    for (int i = 0; i < cells.size(); i++) {
      row.add(String.format("%-" + WIDTHS[i] + "s", cells.get(i)));
    }
    return row.toString().stripTrailing();
  }

  private static List<String> cells(Measurement m) {
    String number = format(m.mean(), m.deviation());
    Measurement.Setting setting = m.setting();
    return List.of(
        setting.model(),
        setting.dtype(),
        String.format(Locale.ROOT, "%.2f MiB", setting.modelBytes() / 1048576.0),
        String.format(Locale.ROOT, "%.2f M", setting.parameters() / 1e6),
        setting.device(),
        String.valueOf(setting.threads()),
        m.test().name(),
        m.unit().equals(Measurement.TOKENS) ? number : number + " " + m.unit(),
        share(m));
  }

  /** {@code 0.93 of memory}; nothing where no limit is known. */
  static String share(Measurement m) {
    return m.limit() > 0 ? String.format(Locale.ROOT, "%.2f of %s", m.share(), m.bound()) : "";
  }

  /** Mean and spread, with two digits behind the point, and four of what is small. */
  static String format(double mean, double deviation) {
    String number = mean != 0 && Math.abs(mean) < 0.1 ? "%.4f" : "%.2f";
    return deviation > 0
        ? String.format(Locale.ROOT, number + " ± " + number, mean, deviation)
        : String.format(Locale.ROOT, number, mean);
  }

  /** The line above rows of comma-separated values, with the names of {@link BenchFile}. */
  public static String csvHead() {
    return "model_filename,model_type,dtype,model_size,model_n_params,device,n_threads,test,"
        + "n_prompt,n_gen,n_parallel,n_depth,unit,avg,stddev,limit,limit_share,limit_of";
  }

  /** A row of comma-separated values, as RFC 4180 has them. */
  public static String csvRow(Measurement m) {
    Measurement.Setting setting = m.setting();
    Measurement.Test test = m.test();
    List<Object> cells =
        List.of(
            setting.model(),
            setting.type(),
            setting.dtype(),
            setting.modelBytes(),
            setting.parameters(),
            setting.device(),
            setting.threads(),
            test.name(),
            test.prompt(),
            test.generated(),
            test.sequences(),
            test.depth(),
            m.unit(),
            m.mean(),
            m.deviation(),
            m.limit(),
            m.share(),
            m.bound());
    StringJoiner row = new StringJoiner(",");
    cells.forEach(cell -> row.add(quoted(cell.toString())));
    return row.toString();
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
