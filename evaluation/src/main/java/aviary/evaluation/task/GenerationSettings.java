package aviary.evaluation.task;

import java.util.List;

/**
 * How a text is generated: always the most likely token next.
 *
 * @param until texts that end it, and are no part of it
 * @param maxTokens how many tokens it may have
 */
public record GenerationSettings(List<String> until, int maxTokens) {

  /** What lm-evaluation-harness takes where a task says nothing. */
  public static final int DEFAULT_MAX_TOKENS = 256;

  /** Copies the list. */
  public GenerationSettings {
    until = List.copyOf(until);
  }
}
