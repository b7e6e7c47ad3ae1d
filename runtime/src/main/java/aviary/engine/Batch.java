package aviary.engine;

import aviary.model.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Several sequences that run side by side. Their lengths may differ. Nothing may change the arrays
 * of tokens and positions until the batch has run.
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
   * @param its the use of a state that the engine has made, and null for others
   * @return the uses of all states
   * @throws IllegalArgumentException if a state is of another engine, or stands in two sequences
   * @throws IllegalStateException if a state is closed, or its last batch failed
   * @throws aviary.InputException if a token is not in the vocabulary
   */
  List<StateUse> require(ModelConfig config, Function<State, StateUse> its) {
    Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
    List<StateUse> uses = new ArrayList<>();
    for (Sequence sequence : sequences) {
      StateUse use = its.apply(sequence.state());
      if (use == null) {
        throw new IllegalArgumentException(
            "sequence %d of the batch has a state of another engine: copy it with newState(state.read())"
                .formatted(uses.size()));
      }
      use.require();
      if (!states.add(sequence.state())) {
        throw new IllegalArgumentException(
            "sequence %d of the batch has the state of another sequence in it: fork the state"
                .formatted(uses.size()));
      }
      uses.add(use);
      config.requireTokens(sequence.tokens());
    }
    return uses;
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
      Objects.requireNonNull(state, "a sequence needs a state");
      if (tokens.length == 0) {
        throw new IllegalArgumentException(
            "a sequence needs at least one token: leave it out of the batch");
      }
      for (int i = 0; i < wanted.length; i++) {
        if (wanted[i] < (i == 0 ? 0 : wanted[i - 1] + 1) || wanted[i] >= tokens.length) {
          throw new IllegalArgumentException(
              "wanted position %d of a sequence of %d tokens: positions must ascend and lie in it"
                  .formatted(wanted[i], tokens.length));
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
