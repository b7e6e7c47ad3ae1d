package aviary.training;

import aviary.safetensors.WholeFile;
import aviary.training.Metrics.Line;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws what a training's steps gave. */
final class Curves {

  /** More points than a plot has pixels to show. */
  private static final int POINTS = 600;

  private Curves() {}

  /** Writes loss.png and accuracy.png. */
  static void write(Path folder, List<Line> lines) throws IOException {
    if (lines.isEmpty()) {
      return;
    }
    WholeFile.write(folder.resolve("loss.png"), plot("loss, nats a label", lines, Line::loss));
    WholeFile.write(folder.resolve("accuracy.png"), plot("accuracy", lines, Line::accuracy));
  }

  private static byte[] plot(String what, List<Line> lines, ToDoubleFunction<Line> number)
      throws IOException {
    // There is no screen to draw on, nor need there be.
    System.setProperty("java.awt.headless", "true");
    int each = Math.ceilDiv(lines.size(), POINTS);
    int count = Math.ceilDiv(lines.size(), each);
    double[] steps = new double[count];
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      List<Line> some = lines.subList(i * each, Math.min(lines.size(), (i + 1) * each));
      steps[i] = some.getLast().step();
      means[i] = some.stream().mapToDouble(number).average().orElseThrow();
    }
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(420)
            .title(what)
            .xAxisTitle("step")
            .yAxisTitle(what)
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLegendVisible(false);
    chart.addSeries(what, steps, means).setMarker(SeriesMarkers.NONE);
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
