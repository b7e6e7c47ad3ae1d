package aviary.evaluation.scoring;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.task.GenerationSettings;
import aviary.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/** Lets a model continue several texts side by side, each with its most likely token next. */
final class GreedyRun {
  private final Engine engine;
  private final Tokenizer tokenizer;
  private final IntConsumer tokensDone;

  GreedyRun(Engine engine, Tokenizer tokenizer, IntConsumer tokensDone) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.tokensDone = tokensDone;
  }

  /** A text that goes on. */
  private static final class Text {
    private final int index;
    private final GenerationSettings settings;
    private final State state;
    private final List<Integer> said = new ArrayList<>();
    private int[] next;

    Text(int index, GenerationSettings settings, State state, int[] prompt) {
      this.index = index;
      this.settings = settings;
      this.state = state;
      next = prompt;
    }
  }

  /**
   * Continues texts.
   *
   * @param prompts their tokens
   * @param settings one for each
   * @return what is said, without the stop strings
   */
  List<String> run(List<int[]> prompts, List<GenerationSettings> settings) {
    String[] results = new String[prompts.size()];
    Arrays.fill(results, "");
    List<Text> going = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      if (settings.get(i).maxTokens() > 0) {
        going.add(new Text(i, settings.get(i), engine.newState(), prompts.get(i)));
      }
    }
    while (!going.isEmpty()) {
      List<Text> ended = new ArrayList<>();
      Logits logits = step(going);
      for (int row = 0; row < going.size(); row++) {
        Text text = going.get(row);
        String result = say(text, logits.argmax(row));
        if (result != null) {
          results[text.index] = result;
          text.state.close();
          ended.add(text);
        }
      }
      going.removeAll(ended);
    }
    return List.of(results);
  }

  private Logits step(List<Text> going) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    int tokens = 0;
    for (Text text : going) {
      sequences.add(Batch.Sequence.last(text.state, text.next));
      tokens += text.next.length;
    }
    Logits logits = engine.forward(new Batch(sequences));
    tokensDone.accept(tokens);
    return logits;
  }

  /** Adds a token; gives the whole text if it ends with that. */
  private String say(Text text, int token) {
    if (tokenizer.endsText(token)) {
      return spoken(text);
    }
    text.said.add(token);
    text.next = new int[] {token};
    String spoken = spoken(text);
    int end = spoken.length();
    for (String stop : text.settings.until()) {
      int at = stop.isEmpty() ? -1 : spoken.indexOf(stop);
      end = at < 0 ? end : Math.min(end, at);
    }
    boolean stopped = end < spoken.length();
    return stopped || text.said.size() == text.settings.maxTokens()
        ? spoken.substring(0, end)
        : null;
  }

  private String spoken(Text text) {
    int[] tokens = text.said.stream().mapToInt(Integer::intValue).toArray();
    return new String(tokenizer.decode(tokens), StandardCharsets.UTF_8);
  }
}
