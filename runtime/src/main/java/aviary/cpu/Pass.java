package aviary.cpu;

import aviary.engine.Batch;
import aviary.engine.StateData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some tokens of a batch that go through the model together: one row of activations each. Rows of
 * one sequence stand behind each other.
 */
final class Pass {

  /**
   * One sequence's part.
   *
   * @param state what it has seen
   * @param begin its first row
   * @param rows how many rows it has
   */
  record Part(StateData state, int begin, int rows) {}

  final List<Part> parts = new ArrayList<>();

  /** The tokens, by row. */
  final int[] tokens;

  /** The rows after which logits are wanted. */
  final int[] wanted;

  private Pass(int[] tokens, int[] wanted) {
    this.tokens = tokens;
    this.wanted = wanted;
  }

  int rows() {
    return tokens.length;
  }

  /**
   * Cuts a batch into passes of bounded size. A sequence's passes come in its order.
   *
   * @param mostRows the size of a pass
   * @param mostWanted how many rows of logits a pass may have
   */
  static List<Pass> of(Batch batch, int mostRows, int mostWanted) {
    Builder builder = new Builder(mostRows, mostWanted);
    batch.sequences().forEach(builder::add);
    return builder.end();
  }

  private static final class Builder {
    private final int mostRows;
    private final int mostWanted;
    private final List<Pass> passes = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final int[] tokens;
    private final int[] wanted;
    private int rows;
    private int wantedRows;

    Builder(int mostRows, int mostWanted) {
      this.mostRows = mostRows;
      this.mostWanted = mostWanted;
      tokens = new int[mostRows];
      wanted = new int[mostWanted];
    }

    void add(Batch.Sequence sequence) {
      StateData state = ((CpuState) sequence.state()).data();
      int next = 0;
      int begin = rows;
      for (int i = 0; i < sequence.tokens().length; i++) {
        boolean wants = next < sequence.wanted().length && sequence.wanted()[next] == i;
        if (rows == mostRows || wants && wantedRows == mostWanted) {
          addPart(state, begin);
          cut();
          begin = 0;
        }
        if (wants) {
          wanted[wantedRows++] = rows;
          next++;
        }
        tokens[rows++] = sequence.tokens()[i];
      }
      addPart(state, begin);
    }

    List<Pass> end() {
      cut();
      return passes;
    }

    private void addPart(StateData state, int begin) {
      if (rows > begin) {
        parts.add(new Part(state, begin, rows - begin));
      }
    }

    private void cut() {
      if (rows > 0) {
        Pass pass = new Pass(Arrays.copyOf(tokens, rows), Arrays.copyOf(wanted, wantedRows));
        pass.parts.addAll(parts);
        passes.add(pass);
      }
      parts.clear();
      rows = 0;
      wantedRows = 0;
    }
  }
}
