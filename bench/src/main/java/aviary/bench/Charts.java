package aviary.bench;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** What a category's name takes where they lie flat. */
  private static final int FLAT = 140;

  private final Run run;
  private final Map<String, Chart<?, ?>> charts = new LinkedHashMap<>();

  private Charts(Run run) {
    this.run = run;
  }

  /** The charts, by what their files are to be called. */
  static Map<String, Chart<?, ?>> of(Run run) {
    Charts all = new Charts(run);
    all.speeds();
    all.shares();
    all.lines(
        "sequences",
        "Decode of several sequences side by side",
        "sequences",
        m -> m.test().generated() > 0 && m.test().depth() == 0,
        m -> m.test().sequences());
    all.lines(
        "depth",
        "Decode behind a context",
        "tokens of context",
        m -> m.test().generated() > 0 && m.test().sequences() == 1,
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

  private static String model(Measurement m) {
    return m.setting().model() + " " + m.setting().dtype();
  }

  private void speeds() {
    Function<Measurement, String> series = m -> model(m) + " " + m.test().name();
    bars(
        "prefill",
        "Prefill, tokens a second",
        models(m -> m.test().prompt() > 0 && m.test().depth() == 0),
        m -> m.setting().place(),
        series,
        false);
    bars(
        "decode",
        "Decode of one sequence, tokens a second",
        models(m -> m.test().generated() > 0 && m.test().sequences() == 1 && m.test().depth() == 0),
        m -> m.setting().place(),
        series,
        false);
  }

  private void shares() {
    bars(
        "limits",
        "Share of the device's limit",
        models(m -> m.limit() > 0 && m.test().depth() == 0),
        m -> m.test().name(),
        m -> model(m) + ", " + m.setting().place(),
        true);
  }

  private void operations(int rows) {
    bars(
        rows == 1 ? "operations-1-row" : "operations-%d-rows".formatted(rows),
        "Operations on %d %s, share of the device's limit"
            .formatted(rows, rows == 1 ? "row" : "rows"),
        run.measurements().stream()
            .filter(m -> m.unit().equals(Measurement.BYTES) || m.unit().equals(Measurement.FLOPS))
            .filter(m -> m.test().prompt() == rows && m.limit() > 0)
            .toList(),
        m -> m.setting().model(),
        m -> m.setting().dtype() + ", " + m.setting().place(),
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
    if (categories.size() * FLAT > WIDTH) {
      chart.getStyler().setXAxisLabelRotation(30);
    }
    series.forEach((its, byCategory) -> {
      List<Double> numbers = new ArrayList<>();
      List<Double> deviations = new ArrayList<>();
      for (String each : categories) {
        Measurement m = byCategory.get(each);
        double unit = m == null || !shares ? 1 : m.limit();
        numbers.add(m == null ? 0 : m.mean() / unit);
        deviations.add(m == null ? 0 : m.deviation() / unit);
      }
      chart.addSeries(its, new ArrayList<>(categories), numbers, deviations);
    });
    charts.put(name, chart);
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
      String its = "%s tg%d, %s".formatted(model(m), m.test().generated(), m.setting().place());
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
    series.forEach((its, points) ->
        chart.addSeries(
            its,
            new ArrayList<>(points.keySet()),
            points.values().stream().map(Measurement::mean).toList(),
            points.values().stream().map(Measurement::deviation).toList()));
    charts.put(name, chart);
  }

  private static void style(Styler styler) {
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setChartBackgroundColor(Color.WHITE);
    if (styler instanceof org.knowm.xchart.style.AxesChartStyler axes) {
      axes.setYAxisMin(0.0);
    }
  }
}
