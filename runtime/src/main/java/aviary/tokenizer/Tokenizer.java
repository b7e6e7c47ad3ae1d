package aviary.tokenizer;

/** Text to token ids and back. Implementations are immutable and safe for use by many threads. */
public interface Tokenizer {

  /** The number of ids, used or not: every id is in {@code 0 .. size() - 1}. */
  int size();

  /**
   * Encodes bytes, which need not be valid UTF-8.
   *
   * @param bytes the text's bytes
   * @return the token ids
   */
  int[] encode(byte[] bytes);

  /**
   * Encodes a text by its UTF-8 bytes.
   *
   * @throws aviary.InputException if the text has an unpaired surrogate, which UTF-8 cannot express
   */
  int[] encode(String text);

  /**
   * The bytes of one token; empty for the end-of-text token.
   *
   * @throws aviary.InputException if the id is no token of this vocabulary
   */
  byte[] bytes(int token);

  /**
   * The bytes of the tokens, joined.
   *
   * @throws aviary.InputException if an id is no token of this vocabulary
   */
  byte[] decode(int[] tokens);

  /** Whether the id is a token of this vocabulary; ids below {@link #size} may be unused. */
  boolean contains(int token);

  /**
   * The token that stands between texts, and that a generation without a prompt starts from: 0 in
   * every RWKV vocabulary; never made by {@code encode} of the World vocabulary.
   */
  default int endOfText() {
    return 0;
  }

  /**
   * Whether a generation ends when the model gives this token; in byte-level models no token does
   * that.
   */
  default boolean endsText(int token) {
    return token == endOfText();
  }
}
