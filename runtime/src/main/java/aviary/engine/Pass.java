package aviary.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Some tokens of a batch that go through the model together: one row of activations each. Rows of
 * one sequence stand behind each other.
 *
 * @param parts the sequences that have rows here, in the order of their rows
 * @param tokens the tokens, by row
 * @param wanted the rows after which logits are wanted, ascending
 */
public record Pass(List<Part> parts, int[] tokens, int[] wanted) {

  /**
   * One sequence's part.
   *
   * @param state what it has seen
   * @param begin its first row
   * @param rows how many rows it has, at least one
   */
  public record Part(State state, int begin, int rows) {}

  /**
   * What a pass may have at most, each at least one.
   *
   * @param rows how many rows
   * @param sequences how many sequences
   * @param wanted how many rows of logits
   */
  public record Limits(int rows, int sequences, int wanted) {

    /** Any batch is one pass. */
    public static final Limits NONE =
        new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** What keeps to both. */
    Limits and(Limits other) {
      return new Limits(
          Math.min(rows, other.rows),
          Math.min(sequences, other.sequences),
          Math.min(wanted, other.wanted));
    }
  }

  /** The number of rows. */
  public int rows() {
    return tokens.length;
  }

  /** The same rows with other states. */
  Pass with(UnaryOperator<State> other) {
    List<Part> replaced =
        parts.stream()
            .map(part -> new Part(other.apply(part.state), part.begin, part.rows))
            .toList();
    return new Pass(replaced, tokens, wanted);
  }

  /** Cuts a batch into passes of bounded size. A sequence's passes come in its order. */
  static List<Pass> of(Batch batch, Limits limits) {
    Builder builder = new Builder(batch, limits);
    batch.sequences().forEach(builder::add);
    return builder.end();
  }

  private static final class Builder {
    private final Limits limits;
    private final List<Pass> passes = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final int[] tokens;
    private final int[] wanted;
    private int rows;
    private int wantedRows;

    Builder(Batch batch, Limits limits) {
      this.limits = limits;
      tokens = new int[(int) Math.min(limits.rows, batch.rows())];
      wanted = new int[Math.min(limits.wanted, batch.wantedRows())];
    }

    void add(Batch.Sequence sequence) {
      if (parts.size() == limits.sequences) {
        cut();
      }
      int next = 0;
      int begin = rows;
      for (int i = 0; i < sequence.tokens().length; i++) {
        boolean wants = next < sequence.wanted().length && sequence.wanted()[next] == i;
        if (rows == limits.rows || wants && wantedRows == limits.wanted) {
          addPart(sequence.state(), begin);
          cut();
          begin = 0;
        }
        if (wants) {
          wanted[wantedRows++] = rows;
          next++;
        }
        tokens[rows++] = sequence.tokens()[i];
      }
      addPart(sequence.state(), begin);
    }

    List<Pass> end() {
      cut();
      return passes;
    }

    private void addPart(State state, int begin) {
      if (rows > begin) {
        parts.add(new Part(state, begin, rows - begin));
      }
    }

    private void cut() {
      if (rows > 0) {
        passes.add(
            new Pass(
                List.copyOf(parts),
                Arrays.copyOf(tokens, rows),
                Arrays.copyOf(wanted, wantedRows)));
      }
      parts.clear();
      rows = 0;
      wantedRows = 0;
    }
  }
}
