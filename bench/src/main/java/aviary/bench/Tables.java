package aviary.bench;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * A run's results as lines of text, each of which can be printed as soon as its number is there.
 */
public final class Tables {

  private static final List<String> COLUMNS =
      List.of(
          "model",
          "type",
          "size",
          "params",
          "device",
          "threads",
          "test",
          "result",
          "of limit",
          "note");

  /** Models', devices' and tests' columns are wider where their names are. */
  private static final int[] LEAST_WIDTHS = {8, 5, 12, 10, 6, 7, 12, 24, 22, 0};

  /** The details of a model's memory that its number is the sum of. */
  private static final Map<String, String> PARTS =
      Map.of(Speeds.WEIGHTS, "weights", Speeds.ENGINE, "buffers", Speeds.STATES, "states");

  private static final int MODEL = COLUMNS.indexOf("model");
  private static final int DEVICE = COLUMNS.indexOf("device");
  private static final int TEST = COLUMNS.indexOf("test");

  private final int[] widths = LEAST_WIDTHS.clone();

  /**
   * @param models the names of all models and operations that will be measured
   * @param devices those of the devices
   * @param tests those of the tests, as far as they are known before
   */
  Tables(List<String> models, List<String> devices, List<String> tests) {
    models.forEach(name -> widen(MODEL, name));
    devices.forEach(name -> widen(DEVICE, name));
    tests.forEach(name -> widen(TEST, name));
  }

  private void widen(int column, String name) {
    widths[column] = Math.max(widths[column], name.length());
  }

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
  public List<String> head() {
    return List.of(padded(COLUMNS));
  }

  /** A row of it. */
  public String row(Measurement measurement) {
    return padded(cells(measurement));
  }

  private String padded(List<String> cells) {
    StringJoiner row = new StringJoiner("  ");
    for (int i = 0; i < cells.size(); i++) {
      row.add(cells.get(i) + " ".repeat(Math.max(0, widths[i] - cells.get(i).length())));
    }
    return row.toString().stripTrailing();
  }

  private static List<String> cells(Measurement m) {
    Measurement.Setting setting = m.setting();
    return List.of(
        setting.model(),
        setting.dtype(),
        String.format(Locale.ROOT, "%.2f MiB", setting.modelBytes() / 1048576.0),
        String.format(Locale.ROOT, "%.2f M", setting.parameters() / 1e6),
        setting.device(),
        threads(setting),
        m.test().name(),
        format(m.mean(), m.deviation()) + " " + m.unit(),
        share(m),
        note(m));
  }

  /** What has to be known of a number: that its samples spread far, or what a sum is made of. */
  static String note(Measurement m) {
    if (m.isUneven()) {
      return String.format(
          Locale.ROOT,
          "spread %.0f %%, median %s",
          100 * m.deviation() / m.mean(),
          format(m.median(), 0));
    }
    return m.details().entrySet().stream()
        .filter(part -> PARTS.containsKey(part.getKey()))
        .map(part ->
            String.format(Locale.ROOT, "%s %.2f", PARTS.get(part.getKey()), part.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Those of the host's cores; nothing where the device uses none. */
  static String threads(Measurement.Setting setting) {
    return setting.threads() > 0 ? String.valueOf(setting.threads()) : "";
  }

  /** {@code 0.93 of memory}; nothing where no limit is known. */
  static String share(Measurement m) {
    return m.limit() > 0 ? "%s of %s".formatted(ratio(m.share()), m.bound()) : "";
  }

  /** With two digits behind the point, and {@code <0.01} for what these do not show. */
  static String ratio(double ratio) {
    String shown = String.format(Locale.ROOT, "%.2f", ratio);
    return ratio > 0 && shown.equals("0.00") ? "<0.01" : shown;
  }

  /** What stands below a table: what its numbers depend on, in one line. */
  public static String foot(Run run) {
    Environment of = run.environment();
    List<String> facts = new ArrayList<>(List.of(of.version(), of.cpu(), of.jvm()));
    Limits.ranges(run.limits()).forEach(range -> facts.add(range.toString()));
    load(run).ifPresent(facts::add);
    if (run.interrupted()) {
      facts.add("interrupted");
    }
    return String.join("; ", facts);
  }

  /**
   * How busy the machine was with other processes, over all measurements that know it. A container
   * has some of the machine's cores, and others may use all of them.
   */
  static Optional<String> load(Run run) {
    List<String> facts = new ArrayList<>();
    DoubleSummaryStatistics others = details(run, MachineLoad.OTHERS);
    if (others.getCount() > 0) {
      facts.add(
          "other processes used %s cores of the host, of which aviary may use %d"
              .formatted(range(others), run.environment().cores()));
    }
    DoubleSummaryStatistics average = details(run, MachineLoad.AVERAGE);
    if (average.getCount() > 0) {
      facts.add("load average " + range(average));
    }
    return facts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", facts));
  }

  private static DoubleSummaryStatistics details(Run run, String name) {
    return run.measurements().stream()
        .map(m -> m.details().get(name))
        .filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .summaryStatistics();
  }

  private static String range(DoubleSummaryStatistics numbers) {
    String least = String.format(Locale.ROOT, "%.1f", numbers.getMin());
    String most = String.format(Locale.ROOT, "%.1f", numbers.getMax());
    return least.equals(most) ? least : least + " to " + most;
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
        + "n_prompt,n_gen,n_parallel,n_depth,unit,avg,stddev,n_samples,limit,limit_share,limit_of,"
        + "device_gb_s,device_gflop_s,version,test_time,cpu_info,jvm,blas,median,load_average,"
        + "other_cores,n_beside";
  }

  /**
   * A row of comma-separated values, as RFC 4180 has them; what is not known is empty.
   *
   * @param run what the number depends on, and the limits that were measured beside it
   */
  public static String csvRow(Measurement m, Run run) {
    Measurement.Setting setting = m.setting();
    Measurement.Test test = m.test();
    Environment of = run.environment();
    List<Limits> limits =
        run.limits().stream()
            .filter(its -> its.device().equals(setting.device()))
            .filter(its -> its.threads() == setting.threads())
            .toList();
    Optional<Limits> limit = limits.isEmpty() ? Optional.empty() : Optional.of(limits.getLast());
    List<Object> cells =
        List.of(
            setting.model(),
            setting.type(),
            setting.dtype(),
            setting.modelBytes(),
            setting.parameters(),
            setting.device(),
            threads(setting),
            test.name(),
            test.prompt(),
            test.generated(),
            test.sequences(),
            test.depth(),
            m.unit(),
            m.mean(),
            m.deviation(),
            m.samples().size(),
            known(m.limit()),
            known(m.share()),
            m.bound(),
            known(limit.map(Limits::bytesPerSecond).orElse(0.0) / 1e9),
            known(limit.map(Limits::flopsPerSecond).orElse(0.0) / 1e9),
            of.version(),
            of.time(),
            of.cpu(),
            of.jvm(),
            of.blas(),
            m.median(),
            detail(m, MachineLoad.AVERAGE),
            detail(m, MachineLoad.OTHERS),
            test.beside() > 0 ? String.valueOf(test.beside()) : "");
    StringJoiner row = new StringJoiner(",");
    cells.forEach(cell -> row.add(quoted(cell.toString())));
    return row.toString();
  }

  private static String detail(Measurement m, String name) {
    Double detail = m.details().get(name);
    return detail == null ? "" : detail.toString();
  }

  private static String known(double number) {
    return number > 0 ? String.valueOf(number) : "";
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
