package aviary.evaluation.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import aviary.evaluation.compare.Charts.Line;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ChartsTest {

  @Test
  void labelsHaveTheDecimalsInWhichTheyDiffer() {
    assertEquals(0, Charts.decimals(Stream.of(0.0, 500.0)));
    assertEquals(1, Charts.decimals(Stream.of(0.7, 8.3)));
    assertEquals(3, Charts.decimals(Stream.of(0.05, 0.1, Double.NaN)));
    assertEquals(2, Charts.decimals(Stream.of(0.5, 0.5)));
  }

  private static BufferedImage plot(String... names) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (String name : names) {
      lines.add(new Line(name, List.of(1.0, 2.0), List.of(0.0, 1.0)));
    }
    return ImageIO.read(new ByteArrayInputStream(Charts.lines("loss", "step", "loss", lines)));
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, 900);
  }

  /** The legend is all that has a line's name. */
  @Test
  void oneLineHasNoLegend() throws IOException {
    assertArrayEquals(pixels(plot("a")), pixels(plot("a name that is longer")));
    int[] two = pixels(plot("a", "b"));
    assertFalse(Arrays.equals(two, pixels(plot("a", "a name that is longer"))));
  }

  /** XChart cuts a line of names off at both ends. */
  @Test
  void longNamesHaveALineEach() throws IOException {
    String name = "finch, T 64, P 4, batch 25";
    BufferedImage few = plot(name + 1, name + 2);
    BufferedImage many = plot(name + 1, name + 2, name + 3, name + 4, name + 5);
    assertEquals(few.getHeight() + 5 * 30, many.getHeight());
  }
}
