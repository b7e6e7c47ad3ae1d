package aviary.evaluation.output;

import aviary.evaluation.run.RunOptions;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a result file says of the model and of how it was run, by lm-evaluation-harness's names.
 *
 * @param model its name
 * @param hash of its tensors, see {@link RunIdentity#ofModel}
 * @param device what ran it
 * @param options of the tasks
 * @param scoring of the requests
 * @param version Aviary's, which ran it
 * @param begin when it began, in nanoseconds of this JVM
 * @param date when it began, in seconds since 1970
 */
public record RunInfo(
    String model,
    String hash,
    String device,
    RunOptions options,
    ScoringOptions scoring,
    String version,
    long begin,
    double date) {

  /** A run that begins now. */
  public static RunInfo of(
      String name,
      Model model,
      String device,
      RunOptions options,
      ScoringOptions scoring,
      String version) {
    return new RunInfo(
        name,
        RunIdentity.ofModel(model),
        device,
        options,
        scoring,
        version,
        System.nanoTime(),
        System.currentTimeMillis() / 1000.0);
  }

  /** What the answers depend on. */
  public Map<String, Object> identity() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("model", model);
    values.put("model's weights", hash);
    values.put("device", device);
    values.put("batch size", (long) scoring.batchSize());
    values.put("forking", scoring.share());
    values.put("max length", (long) scoring.maxLength());
    return values;
  }

  /** Adds it to the results. */
  public void addTo(Results results) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model", "aviary");
    config.put("model_args", Map.of("pretrained", model));
    config.put("model_sha", hash);
    config.put("batch_size", (long) scoring.batchSize());
    config.put("batch_sizes", List.of());
    config.put("device", device);
    config.put("use_cache", null);
    config.put("limit", options.limit());
    config.put("bootstrap_iters", (long) options.bootstrapIterations());
    config.put("gen_kwargs", null);
    config.put("random_seed", 0L);
    config.put("numpy_seed", null);
    config.put("torch_seed", null);
    config.put("fewshot_seed", options.fewshotSeed());
    results.put("config", config);
    results.put(Results.VERSION, version);
    results.put("git_hash", null);
    results.put("date", date);
    results.put("max_length", scoring.maxLength() == 0 ? null : (long) scoring.maxLength());
    results.put("model_source", "aviary");
    results.put("model_name", model);
    results.put("model_name_sanitized", RunFolder.sanitized(model));
    results.put("system_instruction", null);
    results.put("system_instruction_sha", null);
    results.put("fewshot_as_multiturn", null);
    results.put("chat_template", null);
    results.put("chat_template_sha", null);
    results.put(
        "total_evaluation_time_seconds", Double.toString((System.nanoTime() - begin) * 1e-9));
  }
}
