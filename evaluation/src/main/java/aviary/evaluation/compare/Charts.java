package aviary.evaluation.compare;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Plots as PNG. */
public final class Charts {
  private static final int LEAST_WIDTH = 640;
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;

  /** What stands beside the bars. */
  private static final int MARGIN = 140;

  /** A bar's width at least, in pixels. */
  private static final int BAR = 12;

  /** The width of a letter. */
  private static final int LETTER = 8;

  /** Beside a name in the legend, for its mark and the space around. */
  private static final int MARK = 60;

  /** The height of a line of the legend. */
  private static final int LEGEND_LINE = 30;

  /** Markers and lines of shares: the topmost, and how much each below it is larger. */
  private static final int MARKER = 7;

  private static final int MARKER_GROWS = 4;
  private static final float STROKE = 1.5f;
  private static final float STROKE_GROWS = 2;

  /** Those further below are not larger still. */
  private static final int MOST_GROWN = 4;

  /** Pixels between the labels of an axis of whole numbers, which are long. */
  private static final int FAR = 150;

  /** An axis has fewer labels than this many a range, however they fall. */
  private static final int LABELS = 12;

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP
  };

  /** What is drawn of a line and what is not, in turn, in pixels. */
  private static final float[][] DASHES = {{1, 0}, {12, 6}, {4, 4}, {12, 4, 4, 4}};

  private Charts() {}

  /**
   * Numbers of one run.
   *
   * @param name of the run
   * @param values the numbers, NaN for none
   * @param errors their standard errors; 0 for none
   */
  public record Series(String name, List<Double> values, List<Double> errors) {

    /** What is infinite, or has no number as its error, cannot be drawn. */
    public Series {
      values =
          values.stream()
              .map(value -> Double.isFinite(value) ? value : Double.valueOf(Double.NaN))
              .toList();
      errors =
          errors.stream().map(error -> Double.isFinite(error) ? error : Double.valueOf(0)).toList();
    }
  }

  /** Bars with error bars: for each name one of each series. */
  static byte[] bars(String title, List<String> names, List<Series> all) throws IOException {
    headless();
    int place = Math.max(2 * LETTER, 2 * BAR * all.size());
    int width = Math.max(LEAST_WIDTH, MARGIN + place * names.size());
    int longest = LETTER * names.stream().mapToInt(String::length).max().orElse(0);
    boolean upright = longest > (width - MARGIN) / names.size();
    List<String> seriesNames = all.stream().map(Series::name).toList();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(width)
            .height(HEIGHT + (upright ? longest : 0) + legendHeight(seriesNames, width))
            .title(title)
            .build();
    style(chart.getStyler(), seriesNames, width);
    chart.getStyler().setXAxisLabelRotation(upright ? 90 : 0);
    // Every name is shown.
    chart.getStyler().setXAxisTickMarkSpacingHint(1);
    all.forEach(series -> chart.addSeries(series.name, names, series.values, series.errors));
    return png(chart);
  }

  /** A curve with error bars for each series, over places whose steps grow. */
  public static byte[] curves(
      String title, String along, String up, double[] places, List<Series> all) throws IOException {
    XYChart chart = chart(title, along, up, all.stream().map(Series::name).toList());
    chart.getStyler().setXAxisLogarithmic(true);
    sameDecimals(chart.getStyler(), decimals(all.stream().flatMap(its -> its.values.stream())));
    for (Series series : all) {
      chart.addSeries(series.name, places, doubles(series.values), doubles(series.errors));
    }
    return png(chart);
  }

  /**
   * A line of points.
   *
   * @param name of the line
   * @param places of the points, ascending: whole numbers
   * @param values one for each
   */
  public record Line(String name, List<Double> places, List<Double> values) {}

  /**
   * Lines of shares, from 0 to 1, each with places of its own. Each is thinner than those below it,
   * so that they are seen where they have the same points.
   */
  public static byte[] shares(String title, String along, String up, List<Line> all)
      throws IOException {
    XYChart chart = chart(title, along, up, all.stream().map(Line::name).toList());
    wholePlaces(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    sameDecimals(chart.getStyler(), 1);
    for (int i = 0; i < all.size(); i++) {
      Line line = all.get(i);
      int above = Math.min(MOST_GROWN, all.size() - 1 - i);
      chart
          .addSeries(line.name, doubles(line.places), doubles(line.values))
          .setMarker(new SizedMarker(MARKERS[i % MARKERS.length], MARKER + MARKER_GROWS * above))
          .setLineStyle(stroke(STROKE + STROKE_GROWS * above, DASHES[i % DASHES.length]));
    }
    return png(chart);
  }

  /** Lines of so many points that these are not marked. */
  public static byte[] lines(String title, String along, String up, List<Line> all)
      throws IOException {
    XYChart chart = chart(title, along, up, all.stream().map(Line::name).toList());
    wholePlaces(chart.getStyler());
    sameDecimals(chart.getStyler(), decimals(all.stream().flatMap(its -> its.values.stream())));
    for (Line line : all) {
      chart
          .addSeries(line.name, uneven(doubles(line.places)), doubles(line.values))
          .setMarker(SeriesMarkers.NONE);
    }
    return png(chart);
  }

  /** A marker of a size of its own. */
  private static final class SizedMarker extends Marker {
    private final Marker shape;
    private final int size;

    SizedMarker(Marker shape, int size) {
      this.shape = shape;
      this.size = size;
    }

    @Override
    public void paint(Graphics2D g, double x, double y, int unused) {
      shape.paint(g, x, y, size);
    }
  }

  private static BasicStroke stroke(float width, float[] dashes) {
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0);
  }

  private static void wholePlaces(AxesChartStyler styler) {
    styler.setXAxisTickMarkSpacingHint(FAR);
    styler.setXAxisTickLabelsFormattingFunction(
        place -> place == Math.rint(place) ? String.valueOf(Math.round(place)) : "");
  }

  /** Where all places are as far apart, XChart labels some of these and not round numbers. */
  private static double[] uneven(double[] places) {
    if (places.length > LABELS) {
      places[0] += (places[1] - places[0]) / 100;
    }
    return places;
  }

  private static void sameDecimals(AxesChartStyler styler, int decimals) {
    styler.setYAxisTickLabelsFormattingFunction(
        value -> String.format(Locale.ROOT, "%." + decimals + "f", value));
  }

  /** With how many decimals the labels of an axis of such values differ. */
  static int decimals(Stream<Double> values) {
    DoubleSummaryStatistics all =
        values.filter(Double::isFinite).mapToDouble(Double::doubleValue).summaryStatistics();
    double range = all.getMax() - all.getMin();
    return range > 0 ? (int) Math.clamp(Math.ceil(-Math.log10(range / LABELS)), 0, 9) : 2;
  }

  private static XYChart chart(String title, String along, String up, List<String> names) {
    headless();
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT + legendHeight(names, WIDTH))
            .title(title)
            .xAxisTitle(along)
            .yAxisTitle(up)
            .build();
    style(chart.getStyler(), names, WIDTH);
    return chart;
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** There is no screen to draw on, nor need there be. */
  private static void headless() {
    System.setProperty("java.awt.headless", "true");
  }

  private static void style(Styler styler, List<String> names, int width) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendVisible(names.size() > 1);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(
        isLong(names, width) ? Styler.LegendLayout.Vertical : Styler.LegendLayout.Horizontal);
  }

  /** Whether a legend of these names in one line would be cut off. */
  private static boolean isLong(List<String> names, int width) {
    return names.stream().mapToInt(name -> MARK + LETTER * name.length()).sum() > width;
  }

  /** The height of a legend with a line for each name; 0 if one line has all. */
  private static int legendHeight(List<String> names, int width) {
    return isLong(names, width) ? LEGEND_LINE * names.size() : 0;
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
