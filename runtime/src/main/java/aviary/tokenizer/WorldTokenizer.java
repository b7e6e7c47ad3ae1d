package aviary.tokenizer;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The RWKV World tokenizer: at each place the longest token that matches, over the text's UTF-8
 * bytes. No merges, no normalisation, no added start token. Every single byte is a token, so that
 * any input can be encoded; token 0 ends a text and stands for no bytes.
 */
public final class WorldTokenizer implements Tokenizer {
  private final TokenTrie trie;
  private final byte[] pool;
  private final int[] begin;
  private final int[] end;

  /**
   * @param trie the tokens by their bytes
   * @param pool the tokens' bytes, in any order
   * @param begin where each token's bytes begin in the pool, by id
   * @param end where they end; an id without bytes is unused, save 0
   */
  WorldTokenizer(TokenTrie trie, byte[] pool, int[] begin, int[] end) {
    this.trie = trie;
    this.pool = pool;
    this.begin = begin;
    this.end = end;
  }

  /**
   * Reads a vocabulary file, known as {@value Tokenizers#FILE_NAME}: a token a line, {@code INDEX
   * LITERAL LENGTH}. The literal is a Python string or bytes literal, the length its number of
   * bytes.
   *
   * @throws InputException if there is no such file; or a line is malformed, is a duplicate or has
   *     an index that is not 1 to 65535: the message names file and line; or a single byte has no
   *     token
   * @throws IOException if the file cannot be read
   */
  public static WorldTokenizer read(Path file) throws IOException {
    return new VocabularyReader(file).read();
  }

  /** The largest index in the vocabulary, and one: the ids that the file leaves unused count. */
  @Override
  public int size() {
    return begin.length;
  }

  @Override
  public int[] encode(byte[] bytes) {
    int[] tokens = new int[bytes.length / 3 + 8];
    int count = 0;
    for (int at = 0; at < bytes.length; ) {
      long match = trie.longest(bytes, at);
      at = (int) (match >>> 32);
      if (count == tokens.length) {
        tokens = Arrays.copyOf(tokens, count * 2);
      }
      tokens[count++] = (int) match;
    }
    return Arrays.copyOf(tokens, count);
  }

  @Override
  public int[] encode(String text) {
    return encode(Utf8.encode(text));
  }

  @Override
  public boolean contains(int token) {
    return token == 0 || token > 0 && token < begin.length && begin[token] < end[token];
  }

  @Override
  public byte[] bytes(int token) {
    check(token);
    return Arrays.copyOfRange(pool, begin[token], end[token]);
  }

  @Override
  public byte[] decode(int[] tokens) {
    long length = 0;
    for (int token : tokens) {
      check(token);
      length += end[token] - begin[token];
    }
    byte[] bytes = new byte[Math.toIntExact(length)];
    int at = 0;
    for (int token : tokens) {
      int count = end[token] - begin[token];
      System.arraycopy(pool, begin[token], bytes, at, count);
      at += count;
    }
    return bytes;
  }

  private void check(int token) {
    if (!contains(token)) {
      throw new InputException(
          token >= 0 && token < begin.length
              ? "token %d is unused in this vocabulary of size %d".formatted(token, begin.length)
              : "token %d is outside of this vocabulary of size %d".formatted(token, begin.length));
    }
  }
}
