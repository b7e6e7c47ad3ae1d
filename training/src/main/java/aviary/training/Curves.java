package aviary.training;

import aviary.evaluation.compare.Charts;
import aviary.safetensors.WholeFile;
import aviary.training.Metrics.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Draws what a training's steps gave. */
final class Curves {

  /** More points than a plot has pixels to show. */
  private static final int POINTS = 600;

  /** The names of its files. */
  static final String LOSS = "loss.png";

  static final String ACCURACY = "accuracy.png";

  private Curves() {}

  /** Writes both. */
  static void write(Path folder, List<Line> lines) throws IOException {
    if (lines.isEmpty()) {
      return;
    }
    WholeFile.write(folder.resolve(LOSS), plot("loss, nats a label", lines, Line::loss));
    WholeFile.write(folder.resolve(ACCURACY), plot("accuracy", lines, Line::accuracy));
  }

  private static byte[] plot(String what, List<Line> lines, ToDoubleFunction<Line> number)
      throws IOException {
    int each = Math.ceilDiv(lines.size(), POINTS);
    int count = Math.ceilDiv(lines.size(), each);
    List<Double> steps = new ArrayList<>();
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Line> some = lines.subList(i * each, Math.min(lines.size(), (i + 1) * each));
      steps.add((double) some.getLast().step());
      means.add(some.stream().mapToDouble(number).average().orElseThrow());
    }
    return Charts.lines(what, "step", what, List.of(new Charts.Line(what, steps, means)));
  }
}
