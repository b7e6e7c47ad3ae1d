package aviary.generation;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

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
 * <p>For one thread, which is the engine's.
 */
public final class Generator implements AutoCloseable {
  /** Long prompts run in pieces of this many tokens, between which they can be interrupted. */
  static final int PREFILL_TOKENS = 512;

  private final Engine engine;
  private final Tokenizer tokenizer;
  private State state;
  private float[] next;
  private boolean fresh;

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
   * but give none. When the consumer or the engine throws, the sequence cannot be continued.
   *
   * @param prompt the prompt's tokens
   * @param options when to end
   * @param sampler how to choose tokens
   * @param text takes the text, piece by piece, as soon as it is certain; no piece is empty
   * @param interrupted asked before every run of the engine; another thread may change its answer
   * @throws aviary.InputException if a token is not below the vocabulary's size, or the model's
   *     logits are no numbers
   */
  public Generation generate(
      int[] prompt,
      GenerationOptions options,
      Sampler sampler,
      Consumer<String> text,
      BooleanSupplier interrupted) {
    long start = System.nanoTime();
    int[] tokens = prompt.length == 0 && next == null ? new int[] {tokenizer.endOfText()} : prompt;
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
    try (Continuation continuation = new Continuation(this, options, sampler, text)) {
      StopReason reason = continuation.run(logits, interrupted);
      double decodeSeconds = (System.nanoTime() - start) * 1e-9;
      return new Generation(done, continuation.tokens(), prefillSeconds, decodeSeconds, reason);
    }
  }

  /** Whether it has seen nothing yet. */
  public boolean isFresh() {
    return fresh;
  }

  /** A copy that goes its own way from here. */
  public Generator fork() {
    return new Generator(engine, tokenizer, state.fork(), next, fresh);
  }

  /** All that is needed to go on later or elsewhere. */
  public Snapshot snapshot() {
    return new Snapshot(state.read(), next);
  }

  /**
   * Goes on from a snapshot; what was before is gone. From a tuned initial state it goes on as a
   * sequence that has seen nothing.
   *
   * @throws aviary.InputException if it is of a model of another shape; nothing has changed then
   */
  public void restore(Snapshot snapshot) {
    snapshot.requireFits(engine.config());
    replace(engine.newState(snapshot.state()));
    next = snapshot.next();
    fresh = snapshot.isFresh();
  }

  @Override
  public void close() {
    state.close();
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
