package aviary.evaluation.task;

import java.util.List;
import java.util.Map;

/**
 * What a task makes of a document.
 *
 * @param document as the task sees it
 * @param requests to the model
 * @param choices as texts; empty where the task has none
 * @param gold the right choices, where the answer is one
 * @param target as the task file gives it: a text, a position, or a list of such
 */
public record Question(
    Map<String, Object> document,
    List<Request> requests,
    List<String> choices,
    Gold gold,
    Object target) {}
