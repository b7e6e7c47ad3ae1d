package aviary.bench;

import aviary.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run as JSON, with llama-bench's names where it has them. Beside its {@code avg_ts}, {@code
 * stddev_ts} and {@code samples_ts}, which are tokens a second, each result has {@code avg}, {@code
 * stddev}, {@code median} and {@code samples} in its own {@code unit}.
 */
public final class BenchFile {

  /** What says that a file is one of these, and of which form. */
  private static final String MARK = "aviary_bench";

  private static final int FORM = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private BenchFile() {}

  /** The run as text. */
  public static String write(Run run) {
    ObjectNode root = JSON.createObjectNode();
    root.put(MARK, FORM);
    root.set("environment", JSON.valueToTree(run.environment()));
    root.set("limits", JSON.valueToTree(run.limits()));
    ArrayNode results = root.putArray("results");
    run.measurements().forEach(each -> results.add(node(each, run.environment())));
    if (run.interrupted()) {
      root.put("interrupted", true);
    }
    if (!run.failures().isEmpty()) {
      root.set("failures", JSON.valueToTree(run.failures()));
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  /**
   * A result alone, as a line of JSON Lines: that of the file, with what the run depends on.
   *
   * @param environment what it depends on
   */
  public static String line(Measurement measurement, Environment environment) {
    ObjectNode node = node(measurement, environment);
    node.put("version", environment.version());
    node.put("jvm", environment.jvm());
    node.put("blas", environment.blas());
    return JSON.writeValueAsString(node);
  }

  private static ObjectNode node(Measurement measurement, Environment environment) {
    ObjectNode node = JSON.createObjectNode();
    Measurement.Setting setting = measurement.setting();
    Measurement.Test test = measurement.test();
    node.put("model_filename", setting.model());
    node.put("model_type", setting.type());
    node.put("dtype", setting.dtype());
    node.put("model_size", setting.modelBytes());
    node.put("model_n_params", setting.parameters());
    node.put("cpu_info", environment.cpu());
    node.put("device", setting.device());
    node.put("n_threads", setting.threads());
    node.put("test", test.name());
    node.put("test_time", environment.time());
    node.put("n_prompt", test.prompt());
    node.put("n_gen", test.generated());
    node.put("n_parallel", test.sequences());
    node.put("n_depth", test.depth());
    if (test.beside() > 0) {
      node.put("n_beside", test.beside());
    }
    node.put("unit", measurement.unit());
    statistics(node, "", measurement.samples());
    if (measurement.isUneven()) {
      node.put("uneven", true);
    }
    if (measurement.unit().equals(Measurement.TOKENS)) {
      statistics(node, "_ts", measurement.samples());
      double nanoseconds = test.tokens() * 1e9;
      statistics(
          node, "_ns", measurement.samples().stream().map(speed -> nanoseconds / speed).toList());
    }
    if (measurement.limit() > 0) {
      node.put("limit", measurement.limit());
      node.put("limit_share", measurement.share());
      node.put("limit_of", measurement.bound());
    }
    if (!measurement.details().isEmpty()) {
      node.set("details", JSON.valueToTree(measurement.details()));
    }
    return node;
  }

  /** In llama-bench's names: {@code avg_ts}. */
  private static void statistics(ObjectNode node, String of, List<Double> samples) {
    node.put("avg" + of, samples.stream().mapToDouble(Double::doubleValue).average().orElse(0));
    node.put("stddev" + of, Measurement.deviation(samples));
    node.put("median" + of, Measurement.median(samples));
    ArrayNode all = node.putArray("samples" + of);
    samples.forEach(all::add);
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it is none of ours: one line that names it
   */
  public static Run read(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new InputException(path + ": is a folder; name a file in it");
    }
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new InputException(path + ": there is no such file", e);
    } catch (CharacterCodingException e) {
      throw notOurs(path, "it is no text", e);
    }
    try {
      JsonNode root = JSON.readTree(text);
      if (root.path(MARK).asInt(0) != FORM) {
        throw notOurs(path, "it has no \"" + MARK + "\": " + FORM, null);
      }
      if (!root.path("environment").isObject()) {
        throw notOurs(path, "it has no environment", null);
      }
      checked(path, root, "limits", BenchFile::whatALimitLacks);
      checked(path, root, "results", BenchFile::whatAResultLacks);
      Environment environment = JSON.treeToValue(root.get("environment"), Environment.class);
      List<Limits> limits = new ArrayList<>();
      root.path("limits").forEach(node -> limits.add(JSON.treeToValue(node, Limits.class)));
      List<Measurement> measurements = new ArrayList<>();
      root.path("results").forEach(node -> measurements.add(measurement(node)));
      List<Run.Failed> failures = new ArrayList<>();
      root.path("failures").forEach(node -> failures.add(JSON.treeToValue(node, Run.Failed.class)));
      boolean interrupted = root.path("interrupted").asBoolean(false);
      return new Run(environment, limits, measurements, failures, interrupted);
    } catch (JacksonException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("it cannot be read");
      throw notOurs(path, reason, e);
    }
  }

  /**
   * Refuses a list whose entries cannot be used.
   *
   * @param lacks what an entry lacks; empty for nothing
   */
  private static void checked(
      Path path, JsonNode root, String list, Function<JsonNode, Optional<String>> lacks) {
    if (!root.path(list).isArray()) {
      throw notOurs(path, "it has no list \"" + list + "\"", null);
    }
    for (int i = 0; i < root.get(list).size(); i++) {
      String entry = "%s[%d]".formatted(list, i);
      lacks
          .apply(root.get(list).get(i))
          .ifPresent(lacked -> {
            throw notOurs(path, "%s has no %s".formatted(entry, lacked), null);
          });
    }
  }

  private static Optional<String> whatALimitLacks(JsonNode limit) {
    return Stream.of(
            lacksText(limit, "device"),
            lacksNumber(limit, "bytesPerSecond"),
            lacksNumber(limit, "flopsPerSecond"))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> whatAResultLacks(JsonNode result) {
    Optional<String> lacked =
        Stream.of(
                lacksText(result, "model_filename"),
                lacksText(result, "device"),
                lacksText(result, "test"),
                lacksText(result, "unit"),
                lacksNumber(result, "avg"))
            .flatMap(Optional::stream)
            .findFirst();
    boolean hasSamples =
        !result.path("samples").isEmpty()
            && result.path("samples").valueStream().allMatch(JsonNode::isNumber);
    return hasSamples ? lacked : lacked.or(() -> Optional.of("numbers in \"samples\""));
  }

  private static Optional<String> lacksText(JsonNode node, String name) {
    boolean has = node.path(name).isString() && !node.path(name).asString().isEmpty();
    return has ? Optional.empty() : Optional.of("text \"" + name + "\"");
  }

  private static Optional<String> lacksNumber(JsonNode node, String name) {
    return node.path(name).isNumber() ? Optional.empty() : Optional.of("number \"" + name + "\"");
  }

  private static InputException notOurs(Path path, String why, Throwable cause) {
    return new InputException(
        "%s: is no result of 'aviary bench --output json': %s".formatted(path, why), cause);
  }

  private static Measurement measurement(JsonNode node) {
    List<Double> samples = new ArrayList<>();
    node.path("samples").forEach(sample -> samples.add(sample.asDouble()));
    Map<String, Double> details = new LinkedHashMap<>();
    node.path("details")
        .properties()
        .forEach(entry -> details.put(entry.getKey(), entry.getValue().asDouble()));
    return new Measurement(
        new Measurement.Setting(
            node.path("model_filename").asString(""),
            node.path("model_type").asString(""),
            node.path("dtype").asString(""),
            node.path("model_size").asLong(0),
            node.path("model_n_params").asLong(0),
            node.path("device").asString(""),
            node.path("n_threads").asInt(0)),
        new Measurement.Test(
            node.path("test").asString(""),
            node.path("n_prompt").asInt(0),
            node.path("n_gen").asInt(0),
            node.path("n_parallel").asInt(1),
            node.path("n_depth").asInt(0),
            node.path("n_beside").asInt(0)),
        node.path("unit").asString(""),
        samples,
        node.path("limit").asDouble(0),
        node.path("limit_of").asString(""),
        details);
  }
}
