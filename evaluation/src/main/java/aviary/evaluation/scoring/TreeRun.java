package aviary.evaluation.scoring;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.scoring.PrefixTree.Segment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * Runs the segments of a tree. A batch has segments from anywhere in it whose beginning has been
 * run, the deepest first, so that few states wait. Rows of logits are read on another thread while
 * the next batch runs.
 */
final class TreeRun {
  /** Between two batches it can be told how far it is. */
  private static final int MOST_TOKENS = 4096;

  /** How much memory the logits of a batch may take. */
  private static final long MOST_LOGITS_BYTES = 64L << 20;

  private final Engine engine;
  private final List<TokenizedText> texts;
  private final int batchSize;
  private final int mostWanted;
  private final Executor reader;
  private final IntConsumer tokensDone;

  private final double[] sums;
  private final boolean[] greedy;

  private final Deque<Work> ready = new ArrayDeque<>();
  private CompletableFuture<Void> reading = CompletableFuture.completedFuture(null);

  /** The state after a segment, until its last child has taken it. */
  private static final class Reached {
    private final State state;
    private int waiting;

    Reached(State state, int waiting) {
      this.state = state;
      this.waiting = waiting;
    }

    State take() {
      waiting--;
      return waiting == 0 ? state : state.fork();
    }
  }

  /** A segment that can be run, or go on. */
  private static final class Work {
    private final Segment segment;
    private final Reached before;
    private State state;
    private int at;

    Work(Segment segment, Reached before) {
      this.segment = segment;
      this.before = before;
      at = segment.begin;
    }
  }

  /** A part of a segment in a batch. */
  private record Piece(Work work, int begin, int end, int[] wanted) {}

  TreeRun(
      Engine engine,
      List<TokenizedText> texts,
      int batchSize,
      Executor reader,
      IntConsumer tokensDone) {
    this.engine = engine;
    this.texts = texts;
    this.batchSize = batchSize;
    this.reader = reader;
    this.tokensDone = tokensDone;
    long row = (long) Float.BYTES * engine.config().vocabulary();
    mostWanted = Math.clamp(MOST_LOGITS_BYTES / row, 16, 4096);
    sums = new double[texts.size()];
    greedy = new boolean[texts.size()];
    Arrays.fill(greedy, true);
  }

  /** Runs the whole tree. */
  void run(PrefixTree tree) {
    tree.roots().reversed().forEach(root -> ready.push(new Work(root, null)));
    while (!ready.isEmpty()) {
      List<Piece> pieces = nextBatch();
      run(pieces);
      for (Piece piece : pieces.reversed()) {
        moveOn(piece);
      }
    }
    reading.join();
  }

  /** The sum of the logarithms of the probabilities of a text's continuation. */
  double sum(int text) {
    return sums[text];
  }

  /** Whether each token of the continuation was the most likely one. */
  boolean isGreedy(int text) {
    return greedy[text];
  }

  private List<Piece> nextBatch() {
    List<Piece> pieces = new ArrayList<>();
    int tokens = MOST_TOKENS;
    int wanted = mostWanted;
    while (pieces.size() < batchSize && !ready.isEmpty() && tokens > 0 && wanted > 0) {
      Work work = ready.pop();
      Piece piece = piece(work, tokens, wanted);
      pieces.add(piece);
      tokens -= piece.end - piece.begin;
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
    return new Piece(work, work.at, end, Arrays.copyOf(wanted, count));
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
      if (work.state == null) {
        work.state = work.before == null ? engine.newState() : work.before.take();
      }
      int[] its = Arrays.copyOfRange(work.segment.tokens, piece.begin, piece.end);
      sequences.add(new Batch.Sequence(work.state, its, piece.wanted));
      tokens += its.length;
    }
    Logits logits = engine.forward(new Batch(sequences));
    float[][] rows = new float[logits.rows()][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = logits.row(row);
    }
    tokensDone.accept(tokens);
    // One at a time: sums are added in the order of the tokens, and memory is bounded.
    reading.join();
    reading = CompletableFuture.runAsync(() -> read(pieces, rows), reader);
  }

  private void read(List<Piece> pieces, float[][] rows) {
    int row = 0;
    for (Piece piece : pieces) {
      for (int wanted : piece.wanted) {
        read(piece.work.segment, piece.begin + wanted, LogSoftmax.of(rows[row]));
        rows[row++] = null;
      }
    }
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
    Work work = piece.work;
    work.at = piece.end;
    if (work.at < work.segment.end) {
      ready.push(work);
      return;
    }
    List<Segment> children = work.segment.children;
    if (children.isEmpty()) {
      work.state.close();
      return;
    }
    Reached reached = new Reached(work.state, children.size());
    children.reversed().forEach(child -> ready.push(new Work(child, reached)));
  }
}
