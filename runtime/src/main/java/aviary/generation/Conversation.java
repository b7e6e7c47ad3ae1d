package aviary.generation;

import aviary.ExclusiveUse;
import aviary.InputException;
import aviary.engine.Engine;
import aviary.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A conversation in the format of the RWKV World models: {@code User: TEXT}, an empty line, {@code
 * Assistant:}, and the answer, which ends where the model begins to write the user's next part. An
 * empty line would end the user's part, so that those in his text are left out.
 *
 * <p>One thread at a time may use a conversation, and with it the engine. A call while another
 * runs, on another thread or from the consumer of its own answer, and a call after {@link #close}
 * throw an {@link IllegalStateException} and change nothing.
 */
public final class Conversation implements AutoCloseable {
  /** As many turns can be taken back; each keeps a state. */
  public static final int UNDO_TURNS = 16;

  private static final String USER = "User:";
  private static final String ASSISTANT = "Assistant:";
  private static final String GAP = "\n\n";
  private static final Pattern EMPTY_LINES = Pattern.compile("\\R(\\s*\\R)*");

  private final Engine engine;
  private final Tokenizer tokenizer;
  private final GenerationOptions options;
  private final Sampler sampler;
  private final ExclusiveUse use =
      new ExclusiveUse("conversation", "give each thread a conversation and an engine of its own");
  private final Deque<Generator> before = new ArrayDeque<>();
  private Generator now;

  /**
   * @param engine runs the model
   * @param tokenizer the model's tokenizer
   * @param sampling how to choose tokens; penalties count within an answer
   * @param maxTokens the length of an answer at most
   * @throws InputException if the length is negative
   */
  public Conversation(Engine engine, Tokenizer tokenizer, SamplerOptions sampling, int maxTokens) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.options = new GenerationOptions(maxTokens, List.of(GAP + USER));
    this.sampler = new Sampler(sampling);
    this.now = new Generator(engine, tokenizer);
  }

  /**
   * Says something and gives the answer. When it is interrupted within the answer, the conversation
   * goes on from as much as was given; within the prompt, or if anything fails, it is as if nothing
   * had been said.
   *
   * @param message the user's text
   * @param answer takes the answer, piece by piece, without white space at its beginning
   * @param interrupted asked before every token
   * @throws InputException if the text is blank or no Unicode text
   */
  public Generation say(String message, Consumer<String> answer, BooleanSupplier interrupted) {
    return call(() -> answer(message, answer, interrupted));
  }

  private Generation answer(String message, Consumer<String> answer, BooleanSupplier interrupted) {
    int[] prompt = tokenizer.encode(prompt(message));
    before.push(now.fork());
    boolean said = false;
    try {
      sampler.forgetOccurrences();
      Generation generation =
          now.generate(prompt, options, sampler, new WithoutLeadingSpace(answer), interrupted);
      said = generation.promptTokens() == prompt.length;
      return generation;
    } finally {
      if (!said) {
        takeBack();
      } else if (before.size() > UNDO_TURNS) {
        before.removeLast().close();
      }
    }
  }

  /**
   * Takes the last turn back: what the user said and the answer.
   *
   * @return whether there was one
   */
  public boolean undo() {
    return call(this::takeBack);
  }

  private boolean takeBack() {
    if (before.isEmpty()) {
      return false;
    }
    Generator undone = now;
    now = before.pop();
    undone.close();
    return true;
  }

  /** Begins anew. */
  public void reset() {
    call(() -> {
      Generator fresh = new Generator(engine, tokenizer);
      closeAll();
      now = fresh;
      return null;
    });
  }

  /** The conversation as it is, to go on from later. */
  public Snapshot snapshot() {
    return call(() -> now.snapshot());
  }

  /**
   * Goes on from a conversation that was kept; no turn before can be taken back.
   *
   * @throws InputException if it is of a model of another shape; nothing has changed then
   */
  public void restore(Snapshot snapshot) {
    call(() -> {
      now.restore(snapshot);
      closeEarlier();
      return null;
    });
  }

  /**
   * Frees its states. A second call does nothing.
   *
   * @throws IllegalStateException if a call of it runs; it stays open
   */
  @Override
  public void close() {
    if (use.close()) {
      closeAll();
    }
  }

  private <T> T call(Supplier<T> work) {
    use.begin();
    try {
      return work.get();
    } finally {
      use.end();
    }
  }

  private void closeAll() {
    now.close();
    closeEarlier();
  }

  private void closeEarlier() {
    before.forEach(Generator::close);
    before.clear();
  }

  private String prompt(String message) {
    String text = EMPTY_LINES.matcher(message.strip()).replaceAll("\n");
    if (text.isEmpty()) {
      throw new InputException("there is nothing to answer: the message is blank");
    }
    return (now.isFresh() ? "" : GAP) + USER + " " + text + GAP + ASSISTANT;
  }

  /** The model writes a space after {@code Assistant:}, which belongs to the format. */
  private static final class WithoutLeadingSpace implements Consumer<String> {
    private final Consumer<String> text;
    private boolean begun;

    WithoutLeadingSpace(Consumer<String> text) {
      this.text = text;
    }

    @Override
    public void accept(String piece) {
      String rest = begun ? piece : piece.stripLeading();
      if (!rest.isEmpty()) {
        begun = true;
        text.accept(rest);
      }
    }
  }
}
