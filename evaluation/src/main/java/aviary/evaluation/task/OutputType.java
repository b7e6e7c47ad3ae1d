package aviary.evaluation.task;

/** What a task asks of the model, by lm-evaluation-harness's names. */
public enum OutputType {
  /** How likely a continuation is, and whether it is what the model would say. */
  LOGLIKELIHOOD,
  /** How likely a whole document is. */
  LOGLIKELIHOOD_ROLLING,
  /** Which of several continuations, or contexts, is the most likely. */
  MULTIPLE_CHOICE,
  /** What the model says up to a stop string. */
  GENERATE_UNTIL
}
