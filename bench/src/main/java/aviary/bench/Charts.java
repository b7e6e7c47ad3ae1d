package aviary.bench;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A run's charts. Those that would show nothing are left out. */
final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;

  private final Run run;
  private final Map<String, Chart<?, ?>> charts = new LinkedHashMap<>();

  private Charts(Run run) {
    this.run = run;
  }

  /** The charts, by what their files are to be called. */
  static Map<String, Chart<?, ?>> of(Run run) {
    Charts all = new Charts(run);
    all.bars("prefill", "Prefill, tokens a second", m -> m.prompt() > 0 && m.depth() == 0);
    all.bars(
        "decode",
        "Decode of one sequence, tokens a second",
        m -> m.generated() > 0 && m.sequences() == 1 && m.depth() == 0);
    all.shares();
    all.lines(
        "sequences",
        "Decode of several sequences side by side",
        "sequences",
        m -> m.generated() > 0 && m.depth() == 0,
        Measurement::sequences);
    all.lines(
        "depth",
        "Decode behind a context",
        "tokens of context",
        m -> m.generated() > 0 && m.sequences() == 1,
        Measurement::depth);
    return all.charts;
  }

  private List<Measurement> those(Predicate<Measurement> which) {
    return run.measurements().stream().filter(m -> m.unit().equals("t/s")).filter(which).toList();
  }

  private static String where(Measurement m) {
    return m.device() + ", " + m.threads() + (m.threads() == 1 ? " thread" : " threads");
  }

  /** A group of bars for each device, and in it one for each model and type. */
  private void bars(String name, String title, Predicate<Measurement> which) {
    List<Measurement> measured = those(which);
    if (measured.isEmpty()) {
      return;
    }
    CategoryChart chart = categories(title, "tokens/s");
    Set<String> places = new LinkedHashSet<>();
    measured.forEach(m -> places.add(where(m)));
    Map<String, Map<String, Measurement>> series = new LinkedHashMap<>();
    measured.forEach(m ->
        series
            .computeIfAbsent(
                "%s %s %s".formatted(m.model(), m.dtype(), m.test()), _ -> new LinkedHashMap<>())
            .put(where(m), m));
    series.forEach((its, byPlace) -> {
      List<Double> numbers = new ArrayList<>();
      List<Double> deviations = new ArrayList<>();
      for (String place : places) {
        Measurement m = byPlace.get(place);
        numbers.add(m == null ? 0 : m.mean());
        deviations.add(m == null ? 0 : m.deviation());
      }
      chart.addSeries(its, new ArrayList<>(places), numbers, deviations);
    });
    charts.put(name, chart);
  }

  /** Each number as a part of what the device would allow. */
  private void shares() {
    List<Measurement> measured = those(m -> m.limit() > 0);
    if (measured.isEmpty()) {
      return;
    }
    CategoryChart chart = categories("Share of the device's limit", "share");
    Set<String> tests = new LinkedHashSet<>();
    measured.forEach(m -> tests.add(m.test()));
    Map<String, Map<String, Double>> series = new LinkedHashMap<>();
    measured.forEach(m ->
        series
            .computeIfAbsent(
                "%s %s, %s".formatted(m.model(), m.dtype(), where(m)), _ -> new LinkedHashMap<>())
            .put(m.test(), m.share()));
    series.forEach((its, byTest) ->
        chart.addSeries(
            its,
            new ArrayList<>(tests),
            tests.stream().map(test -> byTest.getOrDefault(test, 0.0)).toList()));
    charts.put("limits", chart);
  }

  /** Tokens a second over a number that was varied. */
  private void lines(
      String name,
      String title,
      String axis,
      Predicate<Measurement> which,
      ToIntFunction<Measurement> number) {
    Map<String, TreeMap<Integer, Double>> series = new LinkedHashMap<>();
    for (Measurement m : those(which)) {
      series
          .computeIfAbsent(
              "%s %s tg%d, %s".formatted(m.model(), m.dtype(), m.generated(), where(m)),
              _ -> new TreeMap<>())
          .put(number.applyAsInt(m), m.mean());
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
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(0.0);
    series.forEach((its, points) ->
        chart.addSeries(its, new ArrayList<>(points.keySet()), new ArrayList<>(points.values())));
    charts.put(name, chart);
  }

  private static CategoryChart categories(String title, String axis) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(axis)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(0.0);
    return chart;
  }
}
