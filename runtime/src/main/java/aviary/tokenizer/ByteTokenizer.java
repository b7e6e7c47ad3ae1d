package aviary.tokenizer;

import aviary.InputException;

/**
 * The tokenizer of byte-level models: 256 tokens, each of them the byte of its number. Token 0 is
 * both the byte 0 and what a generation without a prompt starts from; it ends no text.
 */
public final class ByteTokenizer implements Tokenizer {
  private static final int SIZE = 256;

  @Override
  public int size() {
    return SIZE;
  }

  @Override
  public int[] encode(byte[] bytes) {
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = bytes[i] & 0xFF;
    }
    return tokens;
  }

  @Override
  public int[] encode(String text) {
    return encode(Utf8.encode(text));
  }

  @Override
  public boolean contains(int token) {
    return token >= 0 && token < SIZE;
  }

  @Override
  public byte[] bytes(int token) {
    return decode(new int[] {token});
  }

  @Override
  public byte[] decode(int[] tokens) {
    byte[] bytes = new byte[tokens.length];
    for (int i = 0; i < bytes.length; i++) {
      if (!contains(tokens[i])) {
        throw new InputException(
            "token %d is none of the %d of a byte-level model (0 to %d)"
                .formatted(tokens[i], SIZE, SIZE - 1));
      }
      bytes[i] = (byte) tokens[i];
    }
    return bytes;
  }

  @Override
  public boolean endsText(int token) {
    return false;
  }
}
