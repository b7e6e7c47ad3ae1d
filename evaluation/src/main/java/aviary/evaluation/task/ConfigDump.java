package aviary.evaluation.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a result file says of a task's configuration: its fields and lm-evaluation-harness's
 * defaults.
 */
final class ConfigDump {
  private static final List<String> ORDER =
      List.of(
          "task",
          "task_alias",
          "tag",
          "dataset_path",
          "dataset_name",
          "dataset_kwargs",
          "custom_dataset",
          "training_split",
          "validation_split",
          "test_split",
          "fewshot_split",
          "process_docs",
          "doc_to_text",
          "doc_to_target",
          "unsafe_code",
          "doc_to_choice",
          "process_results",
          "description",
          "target_delimiter",
          "fewshot_delimiter",
          "fewshot_config",
          "num_fewshot",
          "metric_list",
          "output_type",
          "generation_kwargs",
          "repeats",
          "should_decontaminate",
          "doc_to_decontamination_query",
          "gen_prefix",
          "metadata");

  private ConfigDump() {}

  static Map<String, Object> of(Fields fields, OutputType type) {
    Map<String, Object> all = new LinkedHashMap<>(Map.of("unsafe_code", false, "description", ""));
    all.put("target_delimiter", " ");
    all.put("fewshot_delimiter", "\n\n");
    all.put("repeats", 1L);
    all.put("should_decontaminate", false);
    all.putAll(fields.values());
    all.put("output_type", type.name().toLowerCase(Locale.ROOT));
    Map<String, Object> ordered = new LinkedHashMap<>();
    for (String name : ORDER) {
      if (all.get(name) != null) {
        ordered.put(name, YamlValues.value(all.get(name)));
      }
    }
    return ordered;
  }
}
