package aviary.training;

import aviary.evaluation.compare.Charts;
import aviary.safetensors.WholeFile;
import aviary.training.Metrics.Line;
import aviary.training.Metrics.Seen;
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
    WholeFile.write(
        folder.resolve(LOSS), plot("loss, nats a label", lines, Line::loss, Seen::loss));
    WholeFile.write(
        folder.resolve(ACCURACY), plot("accuracy", lines, Line::accuracy, Seen::accuracy));
  }

  private static byte[] plot(
      String what, List<Line> lines, ToDoubleFunction<Line> number, ToDoubleFunction<Seen> heldOut)
      throws IOException {
    List<Charts.Line> curves = new ArrayList<>();
    curves.add(learned(lines, number));
    Charts.Line measured = measured(lines, heldOut);
    if (!measured.values().isEmpty()) {
      curves.add(measured);
    }
    return Charts.lines(what, "step", what, curves);
  }

  private static Charts.Line measured(List<Line> lines, ToDoubleFunction<Seen> number) {
    List<Double> steps = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (Line line : lines) {
      double value = line.seen() == null ? Double.NaN : number.applyAsDouble(line.seen());
      if (!Double.isNaN(value)) {
        steps.add((double) line.step());
        values.add(value);
      }
    }
    return new Charts.Line("held out", steps, values);
  }

  private static Charts.Line learned(List<Line> lines, ToDoubleFunction<Line> number) {
    int each = Math.ceilDiv(lines.size(), POINTS);
    int count = Math.ceilDiv(lines.size(), each);
    List<Double> steps = new ArrayList<>();
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Line> some = lines.subList(i * each, Math.min(lines.size(), (i + 1) * each));
      steps.add((double) some.getLast().step());
      means.add(some.stream().mapToDouble(number).average().orElseThrow());
    }
    return new Charts.Line("training", steps, means);
  }
}
