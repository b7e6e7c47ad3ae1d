package aviary.bench;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A run's charts. Those that would show nothing are left out. */
final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;

  private static final String PREFILL = "prefill";
  private static final String DECODE = "decode";
  private static final String LIMITS = "limits";
  private static final String SEQUENCES = "sequences";
  private static final String DEPTH = "depth";

  /** What a category's name takes where they lie flat. */
  private static final int FLAT = 160;

  /** Longer names would leave no room for the bars. */
  private static final int LONGEST_NAME = 20;

  /** What is kept of a long name's end, where names often differ. */
  private static final int END_OF_NAME = 7;

  /**
   * A chart.
   *
   * @param text what it shows, for those who do not see it
   */
  record Drawn(Chart<?, ?> chart, String text) {}

  private final Run run;
  private final Map<String, String> shortNames;
  private final Map<String, Drawn> charts = new LinkedHashMap<>();

  private Charts(Run run) {
    this.run = run;
    shortNames =
        shortened(run.measurements().stream().map(m -> m.setting().model()).distinct().toList());
  }

  /**
   * What models are called in charts, by their names: without the middle of a long one, and with a
   * number where that would be another's.
   */
  static Map<String, String> shortened(List<String> names) {
    Map<String, String> shortened = new LinkedHashMap<>();
    for (String name : names) {
      String its =
          name.length() <= LONGEST_NAME
              ? name
              : name.substring(0, LONGEST_NAME - END_OF_NAME - 1)
                  + "…"
                  + name.substring(name.length() - END_OF_NAME);
      String free = its;
      for (int i = 2; shortened.containsValue(free); i++) {
        free = "%s (%d)".formatted(its, i);
      }
      shortened.put(name, free);
    }
    return shortened;
  }

  /** The names of all charts that there can be. */
  static List<String> names() {
    List<String> names = new ArrayList<>(List.of(PREFILL, DECODE, LIMITS, SEQUENCES, DEPTH));
    OperationRates.ROWS.forEach(rows -> names.add(operationsName(rows)));
    return names;
  }

  private static String operationsName(int rows) {
    return rows == 1 ? "operations-1-row" : "operations-%d-rows".formatted(rows);
  }

  /** The charts, by what their files are to be called. */
  static Map<String, Drawn> of(Run run) {
    Charts all = new Charts(run);
    all.speeds();
    all.shares();
    all.lines(
        SEQUENCES,
        "Decode of several sequences side by side",
        "sequences",
        m -> m.test().isDecode() && m.test().depth() == 0 && m.test().beside() == 0,
        m -> m.test().sequences());
    all.lines(
        DEPTH,
        "Decode after a context",
        "tokens of context",
        m -> m.test().isDecode() && m.test().sequences() == 1 && m.test().beside() == 0,
        m -> m.test().depth());
    for (int rows : OperationRates.ROWS) {
      all.operations(rows);
    }
    return all.charts;
  }

  private List<Measurement> models(Predicate<Measurement> which) {
    return run.measurements().stream()
        .filter(m -> m.unit().equals(Measurement.TOKENS))
        .filter(which)
        .toList();
  }

  private String model(Measurement m) {
    return shortNames.get(m.setting().model()) + " " + m.setting().dtype();
  }

  /** The device, with its threads where it was measured with several numbers of them. */
  private String place(Measurement m) {
    Measurement.Setting its = m.setting();
    boolean several =
        run.measurements().stream()
                .map(Measurement::setting)
                .filter(other -> other.device().equals(its.device()))
                .map(Measurement.Setting::threads)
                .distinct()
                .count()
            > 1;
    return several ? its.place() : its.device();
  }

  private void speeds() {
    Function<Measurement, String> series = m -> model(m) + " " + m.test().name();
    bars(
        PREFILL,
        "Prefill, tokens a second",
        models(m -> m.test().isPrefill() && m.test().depth() == 0),
        this::place,
        series,
        false);
    bars(
        DECODE,
        "Decode of one sequence, tokens a second",
        models(m -> m.test().isDecode() && m.test().sequences() == 1 && m.test().depth() == 0),
        this::place,
        series,
        false);
  }

  private void shares() {
    bars(
        LIMITS,
        "Share of the device's limit",
        models(m -> m.limit() > 0 && m.test().depth() == 0 && m.test().beside() == 0),
        m -> m.test().name(),
        m -> model(m) + ", " + place(m),
        true);
  }

  private void operations(int rows) {
    bars(
        operationsName(rows),
        "Operations on %d %s, share of the device's limit"
            .formatted(rows, rows == 1 ? "row" : "rows"),
        run.measurements().stream()
            .filter(m -> m.unit().equals(Measurement.BYTES) || m.unit().equals(Measurement.FLOPS))
            .filter(m -> m.test().prompt() == rows && m.limit() > 0)
            .toList(),
        m -> m.setting().model(),
        m -> m.setting().dtype() + ", " + place(m),
        true);
  }

  /**
   * A group of bars for each category, and in it one for each series.
   *
   * @param shares whether bars are parts of limits, instead of the numbers themselves
   */
  private void bars(
      String name,
      String title,
      List<Measurement> measured,
      Function<Measurement, String> category,
      Function<Measurement, String> seriesOf,
      boolean shares) {
    if (measured.isEmpty()) {
      return;
    }
    Set<String> categories = new LinkedHashSet<>();
    Map<String, Map<String, Measurement>> series = new LinkedHashMap<>();
    for (Measurement m : measured) {
      categories.add(category.apply(m));
      series
          .computeIfAbsent(seriesOf.apply(m), _ -> new LinkedHashMap<>())
          .put(category.apply(m), m);
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(shares ? "share" : "tokens/s")
            .build();
    style(chart.getStyler());
    List<String> texts = new ArrayList<>();
    if (categories.size() * FLAT > WIDTH) {
      chart.getStyler().setXAxisLabelRotation(30);
    }
    series.forEach((its, byCategory) -> {
      // Null is no bar, which is something else than a bar of no height.
      List<Double> numbers = new ArrayList<>();
      List<Double> deviations = new ArrayList<>();
      StringJoiner text = new StringJoiner(", ", its + ": ", "");
      for (String each : categories) {
        Measurement m = byCategory.get(each);
        if (m == null) {
          numbers.add(null);
          deviations.add(null);
          continue;
        }
        double unit = shares ? m.limit() : 1;
        numbers.add(m.mean() / unit);
        deviations.add(m.deviation() / unit);
        text.add(each + " " + Tables.format(m.mean() / unit, m.deviation() / unit));
      }
      chart.addSeries(its, new ArrayList<>(categories), numbers, deviations);
      texts.add(text.toString());
    });
    charts.put(name, new Drawn(chart, title + ". " + String.join("; ", texts)));
  }

  /** Tokens a second over a number that was varied. */
  private void lines(
      String name,
      String title,
      String axis,
      Predicate<Measurement> which,
      ToIntFunction<Measurement> number) {
    Map<String, TreeMap<Integer, Measurement>> series = new LinkedHashMap<>();
    for (Measurement m : models(which)) {
      String its = "%s tg%d, %s".formatted(model(m), m.test().generated(), place(m));
      series.computeIfAbsent(its, _ -> new TreeMap<>()).put(number.applyAsInt(m), m);
    }
    series.values().removeIf(points -> points.size() < 2);
    if (series.isEmpty()) {
      return;
    }
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle("tokens/s")
            .build();
    style(chart.getStyler());
    List<String> texts = new ArrayList<>();
    series.forEach((its, points) -> {
      chart.addSeries(
          its,
          new ArrayList<>(points.keySet()),
          points.values().stream().map(Measurement::mean).toList(),
          points.values().stream().map(Measurement::deviation).toList());
      StringJoiner text = new StringJoiner(", ", its + ": ", "");
      points.forEach((at, m) ->
          text.add("%d %s: %s".formatted(at, axis, Tables.format(m.mean(), m.deviation()))));
      texts.add(text.toString());
    });
    charts.put(name, new Drawn(chart, title + ", tokens a second. " + String.join("; ", texts)));
  }

  private static void style(Styler styler) {
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setChartBackgroundColor(Color.WHITE);
    if (styler instanceof org.knowm.xchart.style.AxesChartStyler axes) {
      axes.setYAxisMin(0.0);
      axes.setYAxisDecimalPattern("0.####");
    }
  }
}
