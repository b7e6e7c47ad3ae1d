package aviary.evaluation.scoring;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.scoring.PrefixTree.Segment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Runs the segments of a tree. A batch has segments from anywhere in it whose beginning has been
 * run, the deepest first, so that few states wait. Rows of logits are read on another thread while
 * the next batch runs.
 *
 * <p>All batches are laid out before the first runs. Where some texts were scored before, those
 * batches run that the others need. How much stands beside a sequence can change its last digits,
 * so the batches keep their shape: what nobody needs runs from a state of nothing.
 */
final class TreeRun {
  /** Between two batches it can be told how far it is. */
  private static final int MOST_TOKENS = 4096;

  /** How much memory the logits of a batch may take. */
  private static final long MOST_LOGITS_BYTES = 64L << 20;

  /** Is told what a run has done, on the thread that runs it. */
  interface Listener {

    /** A batch has been run. */
    void tokens(int count);

    /**
     * A text has its score.
     *
     * @param text its position
     * @param sum of the logarithms of the probabilities of its continuation
     * @param greedy whether each token of the continuation was the most likely one
     */
    void scored(int text, double sum, boolean greedy);
  }

  private final Engine engine;
  private final List<TokenizedText> texts;
  private final BitSet scored;
  private final int batchSize;
  private final int mostWanted;
  private final Executor reader;
  private final Listener listener;

  private final double[] sums;
  private final boolean[] greedy;

  private final Deque<Work> ready = new ArrayDeque<>();
  private CompletableFuture<List<Integer>> reading = CompletableFuture.completedFuture(List.of());

  /**
   * A segment that can be run, or go on.
   *
   * @param at from which position
   * @param before what it follows; null at a beginning
   */
  private record Work(Segment segment, int at, Piece before) {}

  /** A part of a segment in a batch. */
  private static final class Piece {
    private final Work work;
    private final int end;
    private final int[] wanted;

    /** Whether it scores a text, or what follows it does. */
    private boolean needed;

    /** How many pieces that are needed follow it, and have not taken its state. */
    private int followers;

    /** From its run until nothing that follows needs it. */
    private State state;

    Piece(Work work, int end, int[] wanted) {
      this.work = work;
      this.end = end;
      this.wanted = wanted;
    }

    /** What one that follows begins with. The last gets the state itself. */
    State take() {
      followers--;
      if (followers > 0) {
        return state.fork();
      }
      State own = state;
      state = null;
      return own;
    }

    /** Lets go of the state: all pieces live as long as the run, and states are large. */
    void close() {
      state.close();
      state = null;
    }
  }

  /**
   * @param scored texts whose scores are known, and are not asked for
   */
  TreeRun(
      Engine engine,
      List<TokenizedText> texts,
      BitSet scored,
      int batchSize,
      Executor reader,
      Listener listener) {
    this.engine = engine;
    this.texts = texts;
    this.scored = scored;
    this.batchSize = batchSize;
    this.reader = reader;
    this.listener = listener;
    long row = (long) Float.BYTES * engine.config().vocabulary();
    mostWanted = Math.clamp(MOST_LOGITS_BYTES / row, 16, 4096);
    sums = new double[texts.size()];
    greedy = new boolean[texts.size()];
    Arrays.fill(greedy, true);
  }

  /** Runs the whole tree. */
  void run(PrefixTree tree) {
    for (List<Piece> batch : needed(batches(tree))) {
      run(batch);
    }
    finishReading();
  }

  private List<List<Piece>> batches(PrefixTree tree) {
    List<List<Piece>> batches = new ArrayList<>();
    tree.roots().reversed().forEach(root -> ready.push(new Work(root, root.begin, null)));
    while (!ready.isEmpty()) {
      List<Piece> pieces = nextBatch();
      batches.add(pieces);
      pieces.reversed().forEach(this::moveOn);
    }
    return batches;
  }

  /** Those with a piece that is needed. */
  private List<List<Piece>> needed(List<List<Piece>> batches) {
    Deque<List<Piece>> needed = new ArrayDeque<>();
    for (List<Piece> batch : batches.reversed()) {
      for (Piece piece : batch) {
        piece.needed = piece.followers > 0 || scores(piece);
        if (piece.needed && piece.work.before != null) {
          piece.work.before.followers++;
        }
      }
      if (batch.stream().anyMatch(piece -> piece.needed)) {
        needed.push(batch);
      }
    }
    return List.copyOf(needed);
  }

  private boolean scores(Piece piece) {
    for (int wanted : piece.wanted) {
      for (int text : piece.work.segment.texts) {
        if (!scored.get(text) && texts.get(text).wants(piece.work.at + wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  private List<Piece> nextBatch() {
    List<Piece> pieces = new ArrayList<>();
    int tokens = MOST_TOKENS;
    int wanted = mostWanted;
    while (pieces.size() < batchSize && !ready.isEmpty() && tokens > 0 && wanted > 0) {
      Work work = ready.pop();
      Piece piece = piece(work, tokens, wanted);
      pieces.add(piece);
      tokens -= piece.end - work.at;
      wanted -= piece.wanted.length;
    }
    return pieces;
  }

  private Piece piece(Work work, int mostTokens, int mostWanted) {
    Segment segment = work.segment;
    int end = Math.min(segment.end, work.at + mostTokens);
    int[] wanted = new int[Math.min(mostWanted, end - work.at)];
    int count = 0;
    for (int position = work.at; position < end; position++) {
      if (isWanted(segment, position)) {
        if (count == mostWanted) {
          end = position;
          break;
        }
        wanted[count++] = position - work.at;
      }
    }
    return new Piece(work, end, Arrays.copyOf(wanted, count));
  }

  private boolean isWanted(Segment segment, int position) {
    for (int text : segment.texts) {
      if (texts.get(text).wants(position)) {
        return true;
      }
    }
    return false;
  }

  private void run(List<Piece> pieces) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    int tokens = 0;
    for (Piece piece : pieces) {
      Work work = piece.work;
      boolean follows = piece.needed && work.before != null;
      piece.state = follows ? work.before.take() : engine.newState();
      int[] its = Arrays.copyOfRange(work.segment.tokens, work.at, piece.end);
      sequences.add(new Batch.Sequence(piece.state, its, piece.wanted));
      tokens += its.length;
    }
    Logits logits = engine.forward(new Batch(sequences));
    float[][] rows = new float[logits.rows()][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = logits.row(row);
    }
    for (Piece piece : pieces) {
      if (piece.followers == 0) {
        piece.close();
      }
    }
    listener.tokens(tokens);
    // One at a time: sums are added in the order of the tokens, and memory is bounded.
    finishReading();
    reading = CompletableFuture.supplyAsync(() -> read(pieces, rows), reader);
  }

  private void finishReading() {
    reading.join().forEach(text -> listener.scored(text, sums[text], greedy[text]));
  }

  /** Adds up what a batch tells; gives the texts that it is the last of. */
  private List<Integer> read(List<Piece> pieces, float[][] rows) {
    List<Integer> ended = new ArrayList<>();
    int row = 0;
    for (Piece piece : pieces) {
      Segment segment = piece.work.segment;
      for (int wanted : piece.wanted) {
        if (piece.needed) {
          read(segment, piece.work.at + wanted, LogSoftmax.of(rows[row]));
        }
        rows[row++] = null;
      }
      for (int text : segment.texts) {
        if (!scored.get(text) && texts.get(text).inputs() == piece.end) {
          ended.add(text);
        }
      }
    }
    return ended;
  }

  private void read(Segment segment, int position, LogSoftmax expected) {
    for (int i : segment.texts) {
      TokenizedText text = texts.get(i);
      if (text.wants(position)) {
        int token = text.tokens()[position + 1];
        sums[i] += expected.of(token);
        greedy[i] &= token == expected.best();
      }
    }
  }

  /** Behind a piece comes the rest of its segment, or what follows it. */
  private void moveOn(Piece piece) {
    Segment segment = piece.work.segment;
    if (piece.end < segment.end) {
      ready.push(new Work(segment, piece.end, piece));
      return;
    }
    segment.children.reversed().forEach(child -> ready.push(new Work(child, child.begin, piece)));
  }
}
