package aviary.bench;

import aviary.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A run as JSON, with llama-bench's names where it has them. */
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
    run.measurements().forEach(measurement -> results.add(node(measurement)));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static ObjectNode node(Measurement measurement) {
    ObjectNode node = JSON.createObjectNode();
    node.put("model_filename", measurement.model());
    node.put("model_type", measurement.type());
    node.put("dtype", measurement.dtype());
    node.put("model_size", measurement.modelBytes());
    node.put("model_n_params", measurement.parameters());
    node.put("device", measurement.device());
    node.put("n_threads", measurement.threads());
    node.put("test", measurement.test());
    node.put("n_prompt", measurement.prompt());
    node.put("n_gen", measurement.generated());
    node.put("n_batch", measurement.sequences());
    node.put("n_depth", measurement.depth());
    node.put("unit", measurement.unit());
    node.put("avg_ts", measurement.mean());
    node.put("stddev_ts", measurement.deviation());
    ArrayNode samples = node.putArray("samples_ts");
    measurement.samples().forEach(samples::add);
    node.put("limit_ts", measurement.limit());
    node.put("limit_share", measurement.share());
    node.put("limit_of", measurement.bound());
    if (!measurement.details().isEmpty()) {
      node.set("details", JSON.valueToTree(measurement.details()));
    }
    return node;
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it is none of ours: one line that names it
   */
  public static Run read(Path path) throws IOException {
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
      Environment environment = JSON.treeToValue(root.get("environment"), Environment.class);
      List<Limits> limits = new ArrayList<>();
      root.path("limits").forEach(node -> limits.add(JSON.treeToValue(node, Limits.class)));
      List<Measurement> measurements = new ArrayList<>();
      root.path("results").forEach(node -> measurements.add(measurement(node)));
      if (environment == null) {
        throw notOurs(path, "it has no environment", null);
      }
      return new Run(environment, limits, measurements);
    } catch (JacksonException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("it cannot be read");
      throw notOurs(path, reason, e);
    }
  }

  private static InputException notOurs(Path path, String why, Throwable cause) {
    return new InputException(
        "%s: is no result of 'aviary bench --output json': %s".formatted(path, why), cause);
  }

  private static Measurement measurement(JsonNode node) {
    List<Double> samples = new ArrayList<>();
    node.path("samples_ts").forEach(sample -> samples.add(sample.asDouble()));
    Map<String, Double> details = new TreeMap<>();
    node.path("details")
        .properties()
        .forEach(entry -> details.put(entry.getKey(), entry.getValue().asDouble()));
    return new Measurement(
        node.path("model_filename").asString(""),
        node.path("model_type").asString(""),
        node.path("dtype").asString(""),
        node.path("model_size").asLong(0),
        node.path("model_n_params").asLong(0),
        node.path("device").asString(""),
        node.path("n_threads").asInt(0),
        node.path("test").asString(""),
        node.path("n_prompt").asInt(0),
        node.path("n_gen").asInt(0),
        node.path("n_batch").asInt(1),
        node.path("n_depth").asInt(0),
        node.path("unit").asString(""),
        samples,
        node.path("limit_ts").asDouble(0),
        node.path("limit_of").asString(""),
        details);
  }
}
