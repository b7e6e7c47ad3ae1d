package aviary.tornado;

import aviary.engine.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch in passes: some tokens of its sequences each, which go through the model together. Rows
 * of one sequence stand behind each other, and a sequence's passes come in its order.
 */
final class Pieces {

  /**
   * One sequence's part of a pass.
   *
   * @param begin its first row
   */
  record Part(DeviceState state, int begin, int rows) {}

  /**
   * A pass.
   *
   * @param tokens by row
   * @param wanted the rows whose logits are wanted
   */
  record Piece(List<Part> parts, List<Integer> tokens, List<Integer> wanted) {
    Counts counts() {
      return new Counts(tokens.size(), parts.size(), wanted.size());
    }
  }

  private final int mostRows;
  private final int mostParts;
  private final int mostWanted;
  private final List<Piece> pieces = new ArrayList<>();
  private Piece piece = empty();

  private Pieces(int mostRows, int mostParts, int mostWanted) {
    this.mostRows = mostRows;
    this.mostParts = mostParts;
    this.mostWanted = mostWanted;
  }

  /** Cuts a batch into passes of bounded size. */
  static List<Piece> of(Batch batch, int mostRows, int mostParts, int mostWanted) {
    Pieces pieces = new Pieces(mostRows, mostParts, mostWanted);
    batch.sequences().forEach(pieces::add);
    pieces.cut();
    return pieces.pieces;
  }

  private static Piece empty() {
    return new Piece(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  private void add(Batch.Sequence sequence) {
    DeviceState state = (DeviceState) sequence.state();
    if (piece.parts.size() == mostParts) {
      cut();
    }
    int next = 0;
    int begin = piece.tokens.size();
    for (int i = 0; i < sequence.tokens().length; i++) {
      boolean wants = next < sequence.wanted().length && sequence.wanted()[next] == i;
      if (piece.tokens.size() == mostRows || wants && piece.wanted.size() == mostWanted) {
        addPart(state, begin);
        cut();
        begin = 0;
      }
      if (wants) {
        piece.wanted.add(piece.tokens.size());
        next++;
      }
      piece.tokens.add(sequence.tokens()[i]);
    }
    addPart(state, begin);
  }

  private void addPart(DeviceState state, int begin) {
    if (piece.tokens.size() > begin) {
      piece.parts.add(new Part(state, begin, piece.tokens.size() - begin));
    }
  }

  private void cut() {
    if (!piece.tokens.isEmpty()) {
      pieces.add(piece);
      piece = empty();
    }
  }
}
