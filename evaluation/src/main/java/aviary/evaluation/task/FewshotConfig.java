package aviary.evaluation.task;

import java.util.List;
import java.util.Map;

/**
 * How solved examples are chosen and written.
 *
 * @param split where the task file says they are from; null for the training split, else
 *     validation, else test
 * @param sampler {@code default} draws them, {@code first_n} takes the first
 * @param samples the examples themselves, where the task file has them; else null. A split comes
 *     first
 * @param preparation of documents of {@code split}
 * @param text of the example's context
 * @param target of its answer
 * @param choice of its choices; null if the task has none
 * @param prefix what its answer begins with, or null
 * @param targetDelimiter between context and answer
 * @param delimiter after the answer
 */
public record FewshotConfig(
    String split,
    String sampler,
    List<Map<String, Object>> samples,
    Preparation preparation,
    DocumentField text,
    DocumentField target,
    DocumentField choice,
    DocumentText prefix,
    String targetDelimiter,
    String delimiter) {}
