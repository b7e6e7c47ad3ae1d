package aviary.generation;

import aviary.ExclusiveUse;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A sequence that a model continues. It can be continued again and again, with a prompt or without,
 * copied, and carried over to another process; each time it goes on exactly where it was.
 *
 * <p>After a generation the state has seen the prompt and every token whose text was given, the
 * last one too; not the end-of-text token, and no part of a stop string. Where a stop string begins
 * within a token, the state has seen the tokens of the text before it in that token's place.
 * Besides the state the generator keeps the logits of the token that comes next. So two generations
 * of m and n tokens, the second without a prompt, choose the same tokens as one of m + n, if the
 * same {@link Sampler} goes on or the sampler is greedy; the same holds across {@link #snapshot}
 * and {@link #restore}. Text is the same too, unless the cut is within a character (whose bytes
 * become U+FFFD at the end of the first and at the beginning of the second) or within a stop string
 * (which is then not found).
 *
 * <p>One thread at a time may use a generator, and with it the engine. Misuse is an {@link
 * IllegalStateException}: a call while another runs, on another thread or from the consumer of its
 * own text, and a call after {@link #close}. When a generation throws, so that it is not known how
 * far the sequence has come, only {@link #restore} and {@code close} can follow.
 */
public final class Generator implements AutoCloseable {
  /** Long prompts run in pieces of this many tokens, between which they can be interrupted. */
  static final int PREFILL_TOKENS = 512;

  private final Engine engine;
  private final Tokenizer tokenizer;
  private final ExclusiveUse use =
      new ExclusiveUse("generator", "give each thread a generator and an engine of its own");
  private State state;
  private float[] next;
  private boolean fresh;

  /** Whether a generation has thrown. */
  private boolean failed;

  /** A sequence that has seen nothing. */
  public Generator(Engine engine, Tokenizer tokenizer) {
    this(engine, tokenizer, engine.newState(), null, true);
  }

  private Generator(Engine engine, Tokenizer tokenizer, State state, float[] next, boolean fresh) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.state = state;
    this.next = next;
    this.fresh = fresh;
  }

  /**
   * Runs a prompt and lets the model continue it. If the prompt is empty, the sequence goes on from
   * where it is; where there is nothing to go on from, since it has seen nothing or only a bare
   * state is known, it starts from token 0, which stands between texts.
   *
   * <p>Tokens without text in the tokenizer, such as the unused ids of the World vocabulary, count
   * but give none.
   *
   * @param prompt the prompt's tokens
   * @param options when to end
   * @param sampler how to choose tokens
   * @param text takes the text, piece by piece, as soon as it is certain; no piece is empty
   * @param interrupted asked before every run of the engine; another thread may change its answer
   * @throws aviary.InputException if a token is not below the vocabulary's size, and then nothing
   *     has changed; or if the model's logits are no numbers
   */
  public Generation generate(
      int[] prompt,
      GenerationOptions options,
      Sampler sampler,
      Consumer<String> text,
      BooleanSupplier interrupted) {
    return call(() -> {
      int[] tokens = prompt.length == 0 && next == null ? begin() : prompt.clone();
      engine.config().requireTokens(tokens);
      Continuation continuation = new Continuation(this, options, sampler, text);
      failed = true;
      Generation generation = goOn(tokens, continuation, interrupted);
      failed = false;
      return generation;
    });
  }

  private int[] begin() {
    return new int[] {tokenizer.endOfText()};
  }

  private Generation goOn(int[] tokens, Continuation continuation, BooleanSupplier interrupted) {
    long start = System.nanoTime();
    Logits logits = tokens.length == 0 ? new KnownLogits(next) : null;
    int done = 0;
    while (done < tokens.length && !interrupted.getAsBoolean()) {
      int to = Math.min(done + PREFILL_TOKENS, tokens.length);
      logits = run(Arrays.copyOfRange(tokens, done, to));
      done = to;
    }
    double prefillSeconds = (System.nanoTime() - start) * 1e-9;
    if (done < tokens.length) {
      return new Generation(done, new int[0], prefillSeconds, 0, StopReason.INTERRUPTED);
    }
    start = System.nanoTime();
    try (continuation) {
      StopReason reason = continuation.run(logits, interrupted);
      double decodeSeconds = (System.nanoTime() - start) * 1e-9;
      return new Generation(done, continuation.tokens(), prefillSeconds, decodeSeconds, reason);
    }
  }

  /** Whether it has seen nothing yet. */
  public boolean isFresh() {
    return call(() -> fresh);
  }

  /** A copy that goes its own way from here. */
  public Generator fork() {
    return call(() -> new Generator(engine, tokenizer, state.fork(), next, fresh));
  }

  /** All that is needed to go on later or elsewhere. */
  public Snapshot snapshot() {
    return call(() -> new Snapshot(state.read(), next));
  }

  /**
   * Goes on from a snapshot; what was before is gone. From a tuned initial state it goes on as a
   * sequence that has seen nothing.
   *
   * @throws aviary.InputException if it is of a model of another shape; nothing has changed then
   */
  public void restore(Snapshot snapshot) {
    use.begin();
    try {
      snapshot.requireFits(engine.config());
      replace(engine.newState(snapshot.state()));
      next = snapshot.next();
      fresh = snapshot.isFresh();
      failed = false;
    } finally {
      use.end();
    }
  }

  /**
   * Frees its state. A second call does nothing.
   *
   * @throws IllegalStateException if a call of it runs; it stays open
   */
  @Override
  public void close() {
    if (use.isClosed()) {
      return;
    }
    use.begin();
    try {
      state.close();
    } finally {
      use.end();
    }
    // Not before: where the engine is in use, the state stays open, and so does this.
    use.close();
  }

  private <T> T call(Supplier<T> work) {
    use.begin();
    try {
      if (failed) {
        throw new IllegalStateException(
            "the generator's last generation threw, and how far its sequence has come is unknown:"
                + " restore a snapshot, or make another generator");
      }
      return work.get();
    } finally {
      use.end();
    }
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Runs tokens, at least one, and gives the logits after the last; until {@link #keep} there are
   * none to go on from.
   */
  Logits run(int... tokens) {
    Logits logits = engine.forward(Batch.of(Batch.Sequence.last(state, tokens)));
    next = null;
    fresh = false;
    return logits;
  }

  /** Keeps the logits of the token that comes next; that they are numbers vouches for the state. */
  void keep(Logits logits) {
    float[] row = logits.row(0);
    Sampler.requireNumbers(row);
    next = row;
  }

  /** A copy of the state as it is, with the logits that belong to it. */
  ReturnPoint returnPoint(Logits logits, long offset) {
    return new ReturnPoint(state.fork(), logits.row(0), offset);
  }

  /** Goes back to a point, and from there to a later place in the text; gives the logits there. */
  Logits returnTo(ReturnPoint point, long end) {
    replace(point.state());
    int[] tokens = point.tokensTo(end, tokenizer);
    return tokens.length == 0 ? new KnownLogits(point.next()) : run(tokens);
  }

  private void replace(State other) {
    state.close();
    state = other;
  }
}
