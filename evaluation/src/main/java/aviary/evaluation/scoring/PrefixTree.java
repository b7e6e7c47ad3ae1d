package aviary.evaluation.scoring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts as a radix tree: what several begin with is there once. Each text is the tokens on a path
 * from a root to where it ends.
 */
final class PrefixTree {

  /** A run of tokens that no text leaves or joins on the way. */
  static final class Segment {
    Segment parent;
    final List<Segment> children = new ArrayList<>();

    /** Positions of the texts that go through here, or end here. */
    final List<Integer> texts = new ArrayList<>();

    final int[] tokens;
    final int begin;
    final int end;

    /**
     * @param tokens of one text that goes through here
     * @param begin the position of the first token of this segment
     * @param end that behind the last
     */
    private Segment(Segment parent, int[] tokens, int begin, int end) {
      this.parent = parent;
      this.tokens = tokens;
      this.begin = begin;
      this.end = end;
    }
  }

  private final List<Segment> roots = new ArrayList<>();

  private PrefixTree() {}

  /** The beginnings, in the order of their tokens. */
  List<Segment> roots() {
    return roots;
  }

  /** Every text for itself, from beginning to end. */
  static PrefixTree unshared(List<TokenizedText> texts) {
    PrefixTree tree = new PrefixTree();
    for (int i = 0; i < texts.size(); i++) {
      TokenizedText text = texts.get(i);
      Segment segment = new Segment(null, text.tokens(), 0, text.inputs());
      segment.texts.add(i);
      tree.roots.add(segment);
    }
    return tree;
  }

  /** Common beginnings once. */
  static PrefixTree of(List<TokenizedText> texts) {
    List<Integer> order =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparing(texts::get, PrefixTree::compareInputs))
            .toList();
    PrefixTree tree = new PrefixTree();
    Deque<Segment> path = new ArrayDeque<>();
    TokenizedText previous = null;
    for (int i : order) {
      TokenizedText text = texts.get(i);
      int common = previous == null ? 0 : commonInputs(previous, text);
      tree.leave(path, common);
      if (text.inputs() > common) {
        Segment segment = new Segment(path.peekLast(), text.tokens(), common, text.inputs());
        tree.attach(segment);
        path.addLast(segment);
      }
      for (Segment segment : path) {
        segment.texts.add(i);
      }
      previous = text;
    }
    return tree;
  }

  /** Goes back on the path to a position, and cuts the segment that it lies in. */
  private void leave(Deque<Segment> path, int position) {
    Segment last = null;
    while (!path.isEmpty() && path.peekLast().end > position) {
      last = path.removeLast();
    }
    int reached = path.isEmpty() ? 0 : path.peekLast().end;
    if (reached == position) {
      return;
    }
    Segment upper = new Segment(last.parent, last.tokens, last.begin, position);
    Segment lower = new Segment(upper, last.tokens, position, last.end);
    lower.children.addAll(last.children);
    lower.children.forEach(child -> child.parent = lower);
    lower.texts.addAll(last.texts);
    upper.texts.addAll(last.texts);
    upper.children.add(lower);
    List<Segment> siblings = siblings(last);
    siblings.set(siblings.indexOf(last), upper);
    path.addLast(upper);
  }

  private void attach(Segment segment) {
    siblings(segment).add(segment);
  }

  private List<Segment> siblings(Segment segment) {
    return segment.parent == null ? roots : segment.parent.children;
  }

  private static int compareInputs(TokenizedText a, TokenizedText b) {
    return Arrays.compare(a.tokens(), 0, a.inputs(), b.tokens(), 0, b.inputs());
  }

  private static int commonInputs(TokenizedText a, TokenizedText b) {
    int differ = Arrays.mismatch(a.tokens(), 0, a.inputs(), b.tokens(), 0, b.inputs());
    return differ < 0 ? a.inputs() : differ;
  }
}
