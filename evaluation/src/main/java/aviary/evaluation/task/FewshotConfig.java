package aviary.evaluation.task;

import java.util.List;
import java.util.Map;

/**
 * How solved examples are chosen and written.
 *
 * @param split where they are from; null for the training split, else validation, else test
 * @param sampler {@code default} draws them, {@code first_n} takes the first
 * @param samples the examples themselves, where the task file has them; else null
 * @param text of the example's context
 * @param target of its answer
 * @param choice of its choices; null if the task has none
 * @param targetDelimiter between context and answer
 * @param delimiter behind the answer
 */
public record FewshotConfig(
    String split,
    String sampler,
    List<Map<String, Object>> samples,
    DocumentField text,
    DocumentField target,
    DocumentField choice,
    String targetDelimiter,
    String delimiter) {}
