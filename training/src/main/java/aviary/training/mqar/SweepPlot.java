package aviary.training.mqar;

import aviary.evaluation.compare.Charts;
import aviary.evaluation.compare.Charts.Line;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The plot of a sweep: accuracy over width, of the best training of each width.
 *
 * @param title says what all lines have in common
 * @param lines one for each model, task and amount of learning and measuring; their names say in
 *     what they differ
 */
record SweepPlot(String title, List<Line> lines) {

  /** What a title has room for. */
  private static final List<String> TOLD = List.of("layers", "V", "T", "P");

  /** The plot of some results; those that diverged have no point. */
  static SweepPlot of(List<SweepResult> results) {
    Map<Map<String, String>, TreeMap<Double, Double>> lines = new LinkedHashMap<>();
    for (SweepResult result : results) {
      OptionalDouble accuracy = result.accuracy();
      if (accuracy.isPresent()) {
        lines
            .computeIfAbsent(setting(result.cell()), _ -> new TreeMap<>())
            .merge((double) result.cell().width(), accuracy.getAsDouble(), Math::max);
      }
    }
    List<Map<String, String>> settings = List.copyOf(lines.keySet());
    List<Line> all = new ArrayList<>();
    lines.forEach((setting, points) ->
        all.add(
            new Line(
                name(setting, settings),
                List.copyOf(points.keySet()),
                List.copyOf(points.values()))));
    return new SweepPlot(title(settings), all);
  }

  /**
   * All that decides a result but for the width, the learning rate and the seed, of which the best
   * is shown.
   */
  private static Map<String, String> setting(SweepCell cell) {
    Map<String, String> setting = new LinkedHashMap<>();
    setting.put("model", cell.arch());
    setting.put("layers", String.valueOf(cell.layers()));
    setting.put("head size", String.valueOf(cell.headSize()));
    setting.put("V", String.valueOf(cell.vocabulary()));
    setting.put("T", String.valueOf(cell.length()));
    setting.put("P", String.valueOf(cell.pairs()));
    setting.put("examples", String.valueOf(cell.examples()));
    setting.put("epochs", String.valueOf(cell.epochs()));
    setting.put("test examples", String.valueOf(cell.testExamples()));
    setting.put("batch", String.valueOf(cell.batch()));
    return setting;
  }

  private static boolean differs(String field, List<Map<String, String>> settings) {
    return settings.stream().map(setting -> setting.get(field)).distinct().count() > 1;
  }

  private static String name(Map<String, String> setting, List<Map<String, String>> settings) {
    return setting.keySet().stream()
        .filter(field -> field.equals("model") || differs(field, settings))
        .map(field -> field.equals("model") ? setting.get(field) : field + " " + setting.get(field))
        .collect(Collectors.joining(", "));
  }

  private static String title(List<Map<String, String>> settings) {
    String same =
        TOLD.stream()
            .filter(field -> !settings.isEmpty() && !differs(field, settings))
            .map(field -> ", " + field + " " + settings.getFirst().get(field))
            .collect(Collectors.joining());
    return "MQAR%s: the best training of each width".formatted(same);
  }

  byte[] png() throws IOException {
    return Charts.shares(title, "width", "accuracy", lines);
  }
}
