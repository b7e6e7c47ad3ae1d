package aviary.generation;

/** Why a generation ended. */
public enum StopReason {
  /** As many tokens as were asked for. */
  MAX_TOKENS,
  /** A stop string came. */
  STOP_STRING,
  /** The model ended the text. */
  END_OF_TEXT,
  /** The caller wished it. */
  INTERRUPTED
}
