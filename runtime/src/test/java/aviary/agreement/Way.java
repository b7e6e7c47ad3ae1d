package aviary.agreement;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A way to bring tokens through an engine. All ways must lead to the same logits and state. */
public enum Way {
  ONE_PIECE {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      return pieces(engine, engine.newState(), tokens, tokens.length);
    }
  },
  TOKEN_BY_TOKEN {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      return pieces(engine, engine.newState(), tokens, 1);
    }
  },
  ODD_PIECES {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      return pieces(engine, engine.newState(), tokens, 1, 2, 7, 3, 17, 5);
    }
  },
  /**
   * Between two neighbours, one shorter and one longer, in two batches, the second one lopsided.
   */
  IN_A_BATCH {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      int cut = tokens.length / 3;
      int[] backwards = new int[tokens.length + 9];
      Arrays.setAll(backwards, i -> tokens[Math.floorMod(-1 - i, tokens.length)]);
      try (State before = engine.newState();
          State state = engine.newState();
          State after = engine.newState()) {
        List<float[]> rows = new ArrayList<>();
        if (cut > 0) {
          Sequence first = Sequence.all(state, Arrays.copyOf(tokens, cut));
          Logits logits =
              engine.forward(
                  Batch.of(
                      Sequence.all(before, tokens[0]), first, Sequence.last(after, backwards)));
          rows.addAll(Outcome.rows(logits, 1, cut));
        }
        int[] rest = Arrays.copyOfRange(tokens, cut, tokens.length);
        Logits logits =
            engine.forward(
                Batch.of(
                    Sequence.silent(after, tokens[0]),
                    Sequence.all(state, rest),
                    Sequence.all(before, backwards)));
        rows.addAll(Outcome.rows(logits, 0, rest.length));
        return new Outcome(rows, state.read());
      }
    }
  },
  /** The first half once, the second half in a fork, while the original goes elsewhere. */
  IN_A_FORK {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      int half = (tokens.length + 1) / 2;
      int[] rest = Arrays.copyOfRange(tokens, half, tokens.length);
      try (State original = engine.newState()) {
        var first = pieces(engine, original, Arrays.copyOf(tokens, half), half);
        List<float[]> rows = new ArrayList<>(first.logits());
        try (State fork = original.fork()) {
          engine.forward(Batch.of(Sequence.silent(original, tokens[half - 1], tokens[0])));
          if (rest.length > 0) {
            rows.addAll(pieces(engine, fork, rest, rest.length).logits());
          }
          return new Outcome(rows, fork.read());
        }
      }
    }
  },
  /** As forked, and it is the original that is followed. */
  BESIDE_A_FORK {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      int half = (tokens.length + 1) / 2;
      int[] rest = Arrays.copyOfRange(tokens, half, tokens.length);
      try (State original = engine.newState()) {
        var first = pieces(engine, original, Arrays.copyOf(tokens, half), half);
        List<float[]> rows = new ArrayList<>(first.logits());
        try (State fork = original.fork()) {
          engine.forward(Batch.of(Sequence.silent(fork, tokens[half - 1], tokens[0])));
        }
        if (rest.length > 0) {
          rows.addAll(pieces(engine, original, rest, rest.length).logits());
        }
        return new Outcome(rows, original.read());
      }
    }
  },
  /** The state is read and put into a new one before every piece. */
  THROUGH_STATE_DATA {
    @Override
    public Outcome run(Engine engine, int[] tokens) {
      List<float[]> rows = new ArrayList<>();
      State state = engine.newState();
      for (int from = 0; from < tokens.length; from += 5) {
        int to = Math.min(from + 5, tokens.length);
        State next = engine.newState(state.read());
        state.close();
        state = next;
        rows.addAll(pieces(engine, state, Arrays.copyOfRange(tokens, from, to), 5).logits());
      }
      Outcome outcome = new Outcome(rows, state.read());
      state.close();
      return outcome;
    }
  };

  /** Runs the tokens from the start and returns the logits after each, and the state. */
  public abstract Outcome run(Engine engine, int[] tokens);

  /** Runs the tokens in pieces of the given sizes, again and again. */
  private static Outcome pieces(Engine engine, State state, int[] tokens, int... sizes) {
    List<float[]> rows = new ArrayList<>();
    int from = 0;
    for (int piece = 0; from < tokens.length; piece++) {
      int to = Math.min(from + sizes[piece % sizes.length], tokens.length);
      int[] part = Arrays.copyOfRange(tokens, from, to);
      rows.addAll(
          Outcome.rows(engine.forward(Batch.of(Sequence.all(state, part))), 0, part.length));
      from = to;
    }
    return new Outcome(rows, state.read());
  }
}
