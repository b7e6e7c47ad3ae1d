package aviary.evaluation.task;

/** What a task asks of the model; all but the last by lm-evaluation-harness's names. */
public enum OutputType {
  /** How likely a continuation is, and whether it is what the model would say. */
  LOGLIKELIHOOD,
  /** How likely a whole document is. */
  LOGLIKELIHOOD_ROLLING,
  /** Which of several continuations, or contexts, is the most likely. */
  MULTIPLE_CHOICE,
  /** What the model says up to a stop string. */
  GENERATE_UNTIL,
  /** Of a document that is token ids and no text: which token comes behind some of them. */
  LABELLED_TOKENS
}
