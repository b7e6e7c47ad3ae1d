package aviary.engine;

import aviary.model.ModelConfig;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Several sequences that run side by side. Their lengths may differ.
 *
 * @param sequences the sequences; no state may stand in two of them
 */
public record Batch(List<Sequence> sequences) {

  /** Copies the list. */
  public Batch {
    sequences = List.copyOf(sequences);
  }

  /** A batch of the given sequences. */
  public static Batch of(Sequence... sequences) {
    return new Batch(List.of(sequences));
  }

  /** The number of rows of logits that this batch asks for. */
  public int wantedRows() {
    return sequences.stream().mapToInt(s -> s.wanted().length).sum();
  }

  /** The number of its tokens. */
  public long rows() {
    return sequences.stream().mapToLong(s -> s.tokens().length).sum();
  }

  /**
   * Checks that an engine can run this, before any state moves.
   *
   * @param config of the model that it runs
   * @param its whether a state is one of those that it has made
   * @throws IllegalArgumentException if a state is of another engine, or stands in two sequences
   * @throws aviary.InputException if a token is not in the vocabulary
   */
  void require(ModelConfig config, Predicate<State> its) {
    Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Sequence sequence : sequences) {
      if (!its.test(sequence.state())) {
        throw new IllegalArgumentException("a state of another engine");
      }
      if (!states.add(sequence.state())) {
        throw new IllegalArgumentException("one state in two sequences of a batch");
      }
      config.requireTokens(sequence.tokens());
    }
  }

  /**
   * One sequence's next tokens.
   *
   * @param state what the sequence has seen so far; moved on by the run
   * @param tokens the tokens to run, at least one
   * @param wanted the positions in {@code tokens}, ascending, after which logits are wanted
   */
  public record Sequence(State state, int[] tokens, int[] wanted) {

    /** Checks that there is a token and that the positions are ascending positions of tokens. */
    public Sequence {
      if (tokens.length == 0) {
        throw new IllegalArgumentException("a sequence needs at least one token");
      }
      for (int i = 0; i < wanted.length; i++) {
        if (wanted[i] < (i == 0 ? 0 : wanted[i - 1] + 1) || wanted[i] >= tokens.length) {
          throw new IllegalArgumentException(
              "wanted positions must ascend and lie in the sequence");
        }
      }
    }

    /** No logits: only the state moves. */
    public static Sequence silent(State state, int... tokens) {
      return new Sequence(state, tokens, new int[0]);
    }

    /** Logits after the last token. */
    public static Sequence last(State state, int... tokens) {
      return tail(state, tokens, 1);
    }

    /** Logits after each of the last {@code count} tokens. */
    public static Sequence tail(State state, int[] tokens, int count) {
      return new Sequence(
          state, tokens, IntStream.range(tokens.length - count, tokens.length).toArray());
    }

    /** Logits after every token. */
    public static Sequence all(State state, int... tokens) {
      return tail(state, tokens, tokens.length);
    }
  }
}
