package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.data.Documents;
import aviary.evaluation.data.MqarDocuments;
import aviary.mqar.MqarTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Checks what a task file says, and makes a {@link TaskConfig} of it. */
final class TaskReader {
  private static final Set<String> KNOWN =
      Set.of(
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
          "unsafe_code",
          "should_decontaminate",
          "doc_to_decontamination_query",
          "gen_prefix",
          "metadata");

  /** Fields of lm-evaluation-harness that need what is not here. */
  private static final Map<String, String> REFUSED = new LinkedHashMap<>();

  static {
    REFUSED.put("doc_to_image", "images are not supported");
    REFUSED.put("doc_to_audio", "sound is not supported");
    REFUSED.put("use_prompt", "prompts of promptsource are not supported");
    REFUSED.put("filter_list", "filters of generated texts are not supported");
  }

  private final Fields fields;

  private TaskReader(Fields fields) {
    this.fields = fields;
  }

  /**
   * Makes a task of a file's fields.
   *
   * @throws InputException if a field is not known, has the wrong type, or is missing
   */
  static TaskConfig read(Fields fields) {
    return new TaskReader(fields).read();
  }

  private TaskConfig read() {
    refuse("class", "tasks written in Python are not supported");
    refuseFunctions();
    REFUSED.forEach(this::refuse);
    fields.requireKnown(KNOWN);
    OutputType outputType = outputType();
    String name = required("task");
    DocumentField choice = fields.document("doc_to_choice");
    if (outputType == OutputType.MULTIPLE_CHOICE && choice == null) {
      throw missing("doc_to_choice", "a task of the type multiple_choice needs it");
    }
    if (!fields.has("doc_to_target")) {
      throw missing("doc_to_target", "every task needs it");
    }
    Documents made = made();
    if (made == null && !fields.has("test_split") && !fields.has("validation_split")) {
      throw missing("test_split", "it or validation_split says what is evaluated");
    }
    if (fields.has("repeats") && !Integer.valueOf(1).equals(fields.count("repeats"))) {
      throw fields.wanted("repeats", "1: the most likely text is always the same");
    }
    DocumentField text =
        fields.has("doc_to_text") ? fields.document("doc_to_text") : new DocumentField("");
    return new TaskConfig(
        name,
        fields.string("task_alias", name),
        fields.strings("tag"),
        made == null ? required("dataset_path") : null,
        fields.string("dataset_name", null),
        DatasetOptions.read(fields),
        fields.string("training_split", null),
        fields.string("validation_split", null),
        fields.string("test_split", null),
        made,
        outputType,
        Preparation.read(fields),
        text,
        fields.document("doc_to_target"),
        choice,
        results(),
        fields.string("description", ""),
        fields.text("gen_prefix"),
        targetDelimiter(),
        fewshotDelimiter(),
        FewshotReader.read(fields, text, choice, targetDelimiter(), fewshotDelimiter()),
        outputType == OutputType.LABELLED_TOKENS ? Integer.valueOf(0) : fields.count("num_fewshot"),
        Metrics.read(fields, outputType),
        generation(),
        version(),
        ConfigDump.of(fields, outputType));
  }

  private void refuse(String name, String why) {
    if (fields.has(name)) {
      throw new InputException("%s: %s: %s".formatted(fields.place(), name, why));
    }
  }

  private void refuseFunctions() {
    List<String> names = new ArrayList<>();
    List<PythonFunction> functions = new ArrayList<>();
    fields
        .values()
        .forEach((name, value) -> {
          if (!PythonFunction.in(value).isEmpty()) {
            names.add(name);
            functions.addAll(PythonFunction.in(value));
          }
        });
    if (!functions.isEmpty()) {
      throw new InputException(
          ("%s: line %d: !function names Python code, which cannot run here (%s); write it as a"
                  + " template (docs/evaluation.md)")
              .formatted(fields.place(), functions.getFirst().line(), String.join(", ", names)));
    }
  }

  private String targetDelimiter() {
    return fields.string("target_delimiter", " ");
  }

  private String fewshotDelimiter() {
    return fields.string("fewshot_delimiter", "\n\n");
  }

  private OutputType outputType() {
    String name = fields.string("output_type", "generate_until");
    for (OutputType type : OutputType.values()) {
      if (type.name().toLowerCase(Locale.ROOT).equals(name)) {
        return type;
      }
    }
    throw fields.wanted(
        "output_type",
        "loglikelihood, loglikelihood_rolling, multiple_choice, generate_until or labelled_tokens");
  }

  /** Documents of MQAR, if the task is of those; null if it reads its documents. */
  private Documents made() {
    if (!fields.has("custom_dataset")) {
      return null;
    }
    if (fields.has("dataset_path")) {
      throw fields.wanted("dataset_path", "none, as there is a custom_dataset");
    }
    Fields custom = fields.mapping("custom_dataset");
    custom.requireKnown(List.of("mqar"));
    Fields sizes = custom.mapping("mqar");
    sizes.requireKnown(
        List.of("vocab_size", "length", "pairs", "random_non_queries", "examples", "seed"));
    try {
      return new MqarDocuments(
          new MqarTask(
              count(sizes, "vocab_size"),
              count(sizes, "length"),
              count(sizes, "pairs"),
              sizes.bool("random_non_queries", true)),
          count(sizes, "examples"),
          count(sizes, "seed"));
    } catch (InputException e) {
      throw new InputException(
          e.getMessage().startsWith(sizes.place())
              ? e.getMessage()
              : sizes.place() + ": " + e.getMessage(),
          e);
    }
  }

  private static int count(Fields sizes, String name) {
    if (!sizes.has(name)) {
      throw new InputException("%s: there is no %s".formatted(sizes.place(), name));
    }
    return sizes.count(name);
  }

  private ResultRule results() {
    if (!fields.has("process_results")) {
      return new ResultRule.Usual();
    }
    Fields rule = fields.mapping("process_results");
    rule.requireKnown(List.of("counts_of", "squad"));
    if (rule.has("counts_of")) {
      return new ResultRule.CountsOf(rule.string("counts_of", null));
    }
    Fields squad = rule.mapping("squad");
    squad.requireKnown(List.of("predictions", "references"));
    return new ResultRule.Squad(
        squad.string("predictions", null), squad.string("references", null));
  }

  private GenerationSettings generation() {
    if (!fields.has("generation_kwargs")) {
      return new GenerationSettings(
          List.of(fewshotDelimiter()), GenerationSettings.DEFAULT_MAX_TOKENS);
    }
    Fields own = fields.mapping("generation_kwargs");
    own.requireKnown(
        List.of("until", "do_sample", "temperature", "max_gen_toks", "max_new_tokens"));
    if (own.bool("do_sample", false)) {
      throw own.wanted("do_sample", "false: the most likely token always comes next");
    }
    if (!own.has("do_sample") && isAboveZero(own, "temperature")) {
      throw own.wanted("temperature", "0, or do_sample: false: the most likely token comes next");
    }
    Integer most = own.count(own.has("max_gen_toks") ? "max_gen_toks" : "max_new_tokens");
    return new GenerationSettings(
        own.has("until") ? own.strings("until") : List.of(fewshotDelimiter()),
        most == null ? GenerationSettings.DEFAULT_MAX_TOKENS : most);
  }

  private static boolean isAboveZero(Fields own, String name) {
    return switch (own.values().get(name)) {
      case null -> false;
      case Number number -> number.doubleValue() > 0;
      default -> throw own.wanted(name, "a number");
    };
  }

  private Object version() {
    Object version =
        fields.has("metadata") ? fields.mapping("metadata").values().get("version") : null;
    return version == null ? "Yaml" : YamlValues.value(version);
  }

  private String required(String name) {
    String value = fields.string(name, null);
    if (value == null || value.isBlank()) {
      throw missing(name, "every task needs it");
    }
    return value;
  }

  private InputException missing(String name, String why) {
    return new InputException("%s: there is no %s; %s".formatted(fields.place(), name, why));
  }
}
