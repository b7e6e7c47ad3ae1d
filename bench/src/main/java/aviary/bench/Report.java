package aviary.bench;

import aviary.InputException;
import aviary.safetensors.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;

/** A folder with one page that has everything in it, its charts as PNG files, and the numbers. */
public final class Report {

  private static final String PAGE = "index.html";
  private static final String NUMBERS = "bench.json";

  private Report() {}

  /**
   * Checks that a report can be written there, before anything is measured for it. A page or
   * numbers that are no report's are never replaced.
   *
   * @param overwrite whether it may replace an earlier one
   * @throws InputException if not
   */
  public static void require(Path folder, boolean overwrite) {
    requireNothingOfOthers(folder);
    if (!overwrite) {
      requireNothingIsThere(folder);
    }
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

  private static void requireNothingOfOthers(Path folder) {
    for (String file : List.of(PAGE, NUMBERS)) {
      Path path = folder.resolve(file);
      if (Files.exists(path) && !isOurs(path)) {
        throw new InputException(
            ("--report %s: its %s is not of aviary bench, and a report would"
                    + " replace it; name another folder, or move that file")
                .formatted(folder, file));
      }
    }
  }

  private static boolean isOurs(Path file) {
    try {
      if (file.endsWith(NUMBERS)) {
        BenchFile.read(file);
        return true;
      }
      return ReportPage.isOne(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException | InputException e) {
      return false; // What cannot be read is left as it is, too.
    }
  }

  private static void requireNothingIsThere(Path folder) {
    for (String file : List.of(PAGE, NUMBERS)) {
      if (Files.exists(folder.resolve(file))) {
        throw new InputException(
            ("--report %s: there is a report already (%s), which took time to measure; name another"
                    + " folder, or replace it with --overwrite")
                .formatted(folder, file));
      }
    }
    for (String chart : Charts.names()) {
      if (Files.exists(folder.resolve(png(chart)))) {
        throw new InputException(
            ("--report %s: there is a file %s, as the report's own are called; name another folder,"
                    + " or replace it with --overwrite")
                .formatted(folder, png(chart)));
      }
    }
  }

  /**
   * Writes {@code bench.json} alone, which takes no time.
   *
   * @throws IOException if it cannot be written, in one line that names the file
   */
  public static void keep(Path folder, Run run) throws IOException {
    WholeFile.write(folder.resolve(NUMBERS), utf8(BenchFile.write(run)));
  }

  /**
   * Writes {@code index.html}, {@code bench.json} and the charts.
   *
   * @throws IOException if it cannot be written, in one line that names the file
   */
  public static void write(Path folder, Run run) throws IOException {
    keep(folder, run);
    List<Image> images = draw(folder, run);
    List<String> earlier = chartsOfPage(folder.resolve(PAGE));
    for (Image image : images) {
      WholeFile.write(folder.resolve(png(image.name())), image.png());
    }
    List<String> drawn = images.stream().map(Image::name).toList();
    for (String name : earlier) {
      if (!drawn.contains(name)) {
        Files.deleteIfExists(folder.resolve(png(name)));
      }
    }
    WholeFile.write(folder.resolve(PAGE), utf8(ReportPage.of(run, images)));
  }

  /** The charts of a report that is replaced; none where the page is no report's. */
  private static List<String> chartsOfPage(Path page) throws IOException {
    if (!Files.isRegularFile(page)) {
      return List.of();
    }
    // Whatever the page is, its bytes are characters then.
    String text = Files.readString(page, StandardCharsets.ISO_8859_1);
    return Charts.names().stream().filter(name -> text.contains(ReportPage.mark(name))).toList();
  }

  private static String png(String chart) {
    return chart + ".png";
  }

  /**
   * A chart.
   *
   * @param name its file's, without the end
   * @param text what it shows
   */
  record Image(String name, String text, byte[] png) {}

  private static List<Image> draw(Path folder, Run run) throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<Image> images = new ArrayList<>();
    try {
      for (Map.Entry<String, Charts.Drawn> chart : Charts.of(run).entrySet()) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(BitmapEncoder.getBufferedImage(chart.getValue().chart()), "png", png);
        images.add(new Image(chart.getKey(), chart.getValue().text(), png.toByteArray()));
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
}
