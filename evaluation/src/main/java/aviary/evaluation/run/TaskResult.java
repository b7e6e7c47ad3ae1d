package aviary.evaluation.run;

import aviary.evaluation.metric.TaskScores.Score;
import aviary.evaluation.task.TaskConfig;
import java.util.Map;

/**
 * What came of a task.
 *
 * @param task the task
 * @param numFewshot how many solved examples stood before each document
 * @param original how many documents there are
 * @param effective how many were run
 * @param scores by metric
 * @param hash of what was asked, where samples were logged; else null
 */
public record TaskResult(
    TaskConfig task,
    int numFewshot,
    int original,
    int effective,
    Map<String, Score> scores,
    String hash) {}
