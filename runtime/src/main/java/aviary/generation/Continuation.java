package aviary.generation;

import aviary.engine.Logits;
import aviary.tokenizer.StreamingDecoder;
import aviary.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The tokens that a model chooses after one prompt, and their text. */
final class Continuation implements AutoCloseable {
  private final Generator generator;
  private final Tokenizer tokenizer;
  private final Sampler sampler;
  private final Consumer<String> text;
  private final StopScanner scanner;
  private final StreamingDecoder decoder = new StreamingDecoder();
  private final int maxTokens;
  private int[] tokens = new int[64];
  private int count;
  private long bytes;

  /** Where the text begins that is held back; null while none is. */
  private ReturnPoint point;

  Continuation(
      Generator generator, GenerationOptions options, Sampler sampler, Consumer<String> text) {
    this.generator = generator;
    this.tokenizer = generator.tokenizer();
    this.sampler = sampler;
    this.text = text;
    this.scanner = new StopScanner(options.stops());
    this.maxTokens = options.maxTokens();
  }

  /** The tokens that were chosen. */
  int[] tokens() {
    return Arrays.copyOf(tokens, count);
  }

  /**
   * Chooses, gives and runs tokens until there is a reason to end.
   *
   * @param logits the logits after the prompt
   */
  StopReason run(Logits logits, BooleanSupplier interrupted) {
    Logits current = logits;
    StopReason reason = null;
    while (reason == null) {
      if (interrupted.getAsBoolean()) {
        reason = StopReason.INTERRUPTED;
      } else if (count == maxTokens) {
        reason = StopReason.MAX_TOKENS;
      } else {
        int token = choose(current);
        if (tokenizer.endsText(token)) {
          reason = StopReason.END_OF_TEXT;
        } else if (giveText(token, current)) {
          reason = StopReason.STOP_STRING;
        } else {
          current = generator.run(token);
        }
      }
    }
    give(scanner.flush());
    give(decoder.flush());
    if (scanner.stopped()) {
      reason = StopReason.STOP_STRING;
      ReturnPoint taken = point;
      point = null; // Its state becomes the generator's.
      current = generator.returnTo(taken, scanner.released());
    }
    generator.keep(current);
    return reason;
  }

  private int choose(Logits logits) {
    int token = sampler.next(logits, 0);
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, count * 2);
    }
    tokens[count++] = token;
    return token;
  }

  /**
   * Gives the token's text as far as it is certain. If a stop string may begin in it, keeps the
   * state as it is, before the token.
   *
   * @return whether a stop string is complete
   */
  private boolean giveText(int token, Logits before) {
    byte[] piece = tokenizer.contains(token) ? tokenizer.bytes(token) : new byte[0];
    give(scanner.push(piece));
    if (!scanner.holds()) {
      drop();
    } else if (point == null || scanner.released() >= bytes) {
      drop();
      point = generator.returnPoint(before, bytes);
    }
    if (point != null) {
      point.add(token);
    }
    bytes += piece.length;
    return scanner.stopped();
  }

  private void give(byte[] certain) {
    give(decoder.push(certain));
  }

  private void give(String piece) {
    if (!piece.isEmpty()) {
      text.accept(piece);
    }
  }

  private void drop() {
    if (point != null) {
      point.close();
      point = null;
    }
  }

  @Override
  public void close() {
    drop();
  }
}
