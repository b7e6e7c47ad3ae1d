package aviary.evaluation.compare;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Plots as PNG. */
public final class Charts {
  private static final int LEAST_WIDTH = 640;
  private static final int HEIGHT = 420;

  /** What stands beside the bars. */
  private static final int MARGIN = 140;

  /** A bar's width at least, and that of a letter below it, in pixels. */
  private static final int BAR = 12;

  private static final int LETTER = 8;

  private Charts() {}

  /**
   * Numbers of one run.
   *
   * @param name of the run
   * @param values the numbers, NaN for none
   * @param errors their standard errors; 0 for none
   */
  public record Series(String name, List<Double> values, List<Double> errors) {}

  /** Bars with error bars: for each name one of each series. */
  static byte[] bars(String title, List<String> names, List<Series> all) throws IOException {
    headless();
    int place = Math.max(2 * LETTER, 2 * BAR * all.size());
    int width = Math.max(LEAST_WIDTH, MARGIN + place * names.size());
    int longest = LETTER * names.stream().mapToInt(String::length).max().orElse(0);
    boolean upright = longest > (width - MARGIN) / names.size();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(width)
            .height(HEIGHT + (upright ? longest : 0))
            .title(title)
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLabelRotation(upright ? 90 : 0);
    // Every name is shown.
    chart.getStyler().setXAxisTickMarkSpacingHint(1);
    all.forEach(series -> chart.addSeries(series.name, names, series.values, series.errors));
    return png(chart);
  }

  /** A curve with error bars for each series, over places whose steps grow. */
  public static byte[] curves(
      String title, String along, String up, double[] places, List<Series> all) throws IOException {
    XYChart chart = chart(title, along, up);
    chart.getStyler().setXAxisLogarithmic(true);
    for (Series series : all) {
      chart.addSeries(series.name, places, doubles(series.values), doubles(series.errors));
    }
    return png(chart);
  }

  /**
   * A line of points.
   *
   * @param name of the line
   * @param places of the points, ascending
   * @param values one for each
   */
  public record Line(String name, List<Double> places, List<Double> values) {}

  /** Lines of shares, from 0 to 1, each with places of its own. */
  public static byte[] shares(String title, String along, String up, List<Line> all)
      throws IOException {
    XYChart chart = chart(title, along, up);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    for (Line line : all) {
      chart.addSeries(line.name, doubles(line.places), doubles(line.values));
    }
    return png(chart);
  }

  /** Lines of so many points that these are not marked. */
  public static byte[] lines(String title, String along, String up, List<Line> all)
      throws IOException {
    XYChart chart = chart(title, along, up);
    for (Line line : all) {
      chart
          .addSeries(line.name, doubles(line.places), doubles(line.values))
          .setMarker(SeriesMarkers.NONE);
    }
    return png(chart);
  }

  private static XYChart chart(String title, String along, String up) {
    headless();
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(along)
            .yAxisTitle(up)
            .build();
    style(chart.getStyler());
    return chart;
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** There is no screen to draw on, nor need there be. */
  private static void headless() {
    System.setProperty("java.awt.headless", "true");
  }

  private static void style(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
  }

  private static byte[] png(Chart<?, ?> chart) throws IOException {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", out);
      return out.toByteArray();
    } catch (InternalError | NullPointerException | UnsatisfiedLinkError e) {
      // What the JDK does where the system has no fonts.
      throw new IOException(
          "plots need fonts, which this system has not: install fontconfig and a font", e);
    }
  }
}
