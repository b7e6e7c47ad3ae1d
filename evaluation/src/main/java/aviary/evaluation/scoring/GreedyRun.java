package aviary.evaluation.scoring;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.task.GenerationSettings;
import aviary.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Lets a model continue texts, each with its most likely token next. As many as a batch takes go on
 * side by side, and where one ends the next begins. What all of them begin with, such as examples,
 * is run once.
 */
final class GreedyRun {
  /** A prompt runs in pieces of at most so many tokens. */
  private static final int PIECE = 512;

  private final Engine engine;
  private final Tokenizer tokenizer;
  private final ScoringOptions options;
  private final IntConsumer tokensDone;

  GreedyRun(Engine engine, Tokenizer tokenizer, ScoringOptions options, IntConsumer tokensDone) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.options = options;
    this.tokensDone = tokensDone;
  }

  /** What is to be continued. */
  private record Prompt(int index, int[] tokens, GenerationSettings settings) {}

  /** A text that goes on. */
  private static final class Text {
    private final Prompt prompt;
    private final State state;
    private final List<Integer> said = new ArrayList<>();

    /** Those that the model is to be shown, and how many of them it has been. */
    private int[] tokens;

    private int shown;

    Text(Prompt prompt, State state, int shown) {
      this.prompt = prompt;
      this.state = state;
      this.shown = shown;
      tokens = prompt.tokens;
    }

    int[] piece() {
      return Arrays.copyOfRange(tokens, shown, Math.min(shown + PIECE, tokens.length));
    }
  }

  /**
   * Continues texts.
   *
   * @param prompts their tokens, at least one each
   * @param settings one for each
   * @return what is said, without the stop strings
   */
  List<String> run(List<int[]> prompts, List<GenerationSettings> settings) {
    String[] results = new String[prompts.size()];
    Arrays.fill(results, "");
    Deque<Prompt> waiting = new ArrayDeque<>();
    for (int i = 0; i < results.length; i++) {
      if (settings.get(i).maxTokens() > 0) {
        waiting.add(new Prompt(i, prompts.get(i), settings.get(i)));
      }
    }
    int shared = options.share() && waiting.size() > 1 ? shared(List.copyOf(waiting)) : 0;
    try (State begin = engine.newState()) {
      if (shared > 0) {
        show(begin, waiting.getFirst().tokens, shared);
      }
      run(waiting, begin, shared, results);
    }
    return List.of(results);
  }

  /** How many tokens all begin with, less so many that each has one left. */
  private static int shared(List<Prompt> prompts) {
    int[] first = prompts.getFirst().tokens;
    int shared = first.length - 1;
    for (Prompt prompt : prompts) {
      int differ = Arrays.mismatch(first, prompt.tokens);
      shared = Math.min(shared, differ < 0 ? shared : differ);
      shared = Math.min(shared, prompt.tokens.length - 1);
    }
    return shared;
  }

  private void show(State state, int[] tokens, int count) {
    for (int from = 0; from < count; from += PIECE) {
      int[] piece = Arrays.copyOfRange(tokens, from, Math.min(from + PIECE, count));
      engine.forward(Batch.of(Batch.Sequence.silent(state, piece)));
      tokensDone.accept(piece.length);
    }
  }

  private void run(Deque<Prompt> waiting, State begin, int shared, String[] results) {
    List<Text> going = new ArrayList<>();
    try {
      while (!waiting.isEmpty() || !going.isEmpty()) {
        while (going.size() < options.batchSize() && !waiting.isEmpty()) {
          going.add(new Text(waiting.remove(), begin.fork(), shared));
        }
        step(going, results);
      }
    } finally {
      going.forEach(text -> text.state.close());
    }
  }

  /** Each text goes on by a token, or by a piece of its prompt; those that end are taken out. */
  private void step(List<Text> going, String[] results) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    List<Text> speaking = new ArrayList<>();
    int tokens = 0;
    for (Text text : going) {
      int[] piece = text.piece();
      text.shown += piece.length;
      tokens += piece.length;
      if (text.shown == text.tokens.length) {
        sequences.add(Batch.Sequence.last(text.state, piece));
        speaking.add(text);
      } else {
        sequences.add(Batch.Sequence.silent(text.state, piece));
      }
    }
    Logits logits = engine.forward(new Batch(sequences));
    tokensDone.accept(tokens);
    for (int row = 0; row < speaking.size(); row++) {
      Text text = speaking.get(row);
      String result = say(text, logits.argmax(row));
      if (result != null) {
        results[text.prompt.index] = result;
        text.state.close();
        going.remove(text);
      }
    }
  }

  /** Adds a token; gives the whole text if it ends with that. */
  private String say(Text text, int token) {
    if (tokenizer.endsText(token)) {
      return spoken(text);
    }
    text.said.add(token);
    text.tokens = new int[] {token};
    text.shown = 0;
    String spoken = spoken(text);
    int end = spoken.length();
    for (String stop : text.prompt.settings.until()) {
      int at = stop.isEmpty() ? -1 : spoken.indexOf(stop);
      end = at < 0 ? end : Math.min(end, at);
    }
    boolean stopped = end < spoken.length();
    return stopped || text.said.size() == text.prompt.settings.maxTokens()
        ? spoken.substring(0, end)
        : null;
  }

  private String spoken(Text text) {
    int[] tokens = text.said.stream().mapToInt(Integer::intValue).toArray();
    return new String(tokenizer.decode(tokens), StandardCharsets.UTF_8);
  }
}
