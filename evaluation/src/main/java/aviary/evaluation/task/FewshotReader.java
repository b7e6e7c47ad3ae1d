package aviary.evaluation.task;

import aviary.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code fewshot_config}: how solved examples are chosen and written. What it does not say is
 * as the task has it.
 */
final class FewshotReader {
  private final Fields task;
  private final Fields own;

  private FewshotReader(Fields task) {
    this.task = task;
    own =
        task.has("fewshot_config")
            ? task.mapping("fewshot_config")
            : new Fields(task.place(), Map.of());
  }

  /**
   * Reads the configuration of a task's examples.
   *
   * @param text the task's contexts
   * @param choice the task's choices, or null
   * @param targetDelimiter what the task has between context and answer
   * @param delimiter what the task has after an example
   * @throws InputException if a field is not known or has the wrong type
   */
  static FewshotConfig read(
      Fields task,
      DocumentField text,
      DocumentField choice,
      String targetDelimiter,
      String delimiter) {
    return new FewshotReader(task).read(text, choice, targetDelimiter, delimiter);
  }

  private FewshotConfig read(
      DocumentField text, DocumentField choice, String targetDelimiter, String delimiter) {
    own.requireKnown(
        List.of(
            "sampler",
            "split",
            "samples",
            "process_docs",
            "doc_to_text",
            "doc_to_target",
            "doc_to_choice",
            "gen_prefix",
            "target_delimiter",
            "fewshot_delimiter"));
    String sampler = own.string("sampler", "default");
    if (!List.of("default", "first_n").contains(sampler)) {
      throw own.wanted("sampler", "default or first_n");
    }
    return new FewshotConfig(
        own.values().containsKey("split")
            ? own.string("split", null)
            : task.string("fewshot_split", null),
        sampler,
        samples(),
        Preparation.read(from("process_docs")),
        own.has("doc_to_text") ? own.document("doc_to_text") : text,
        own.has("doc_to_target") ? own.document("doc_to_target") : task.document("doc_to_target"),
        own.has("doc_to_choice") ? own.document("doc_to_choice") : choice,
        from("gen_prefix").text("gen_prefix"),
        own.string("target_delimiter", targetDelimiter),
        own.string("fewshot_delimiter", delimiter));
  }

  /** Where a field of examples stands: an empty one of their own is not the task's. */
  private Fields from(String name) {
    return own.values().containsKey(name) ? own : task;
  }

  private List<Map<String, Object>> samples() {
    if (!own.has("samples")) {
      return null;
    }
    List<Map<String, Object>> samples = new ArrayList<>();
    own.list("samples").forEach(sample -> samples.add(YamlValues.document(sample.values())));
    return samples;
  }
}
