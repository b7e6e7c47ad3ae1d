package aviary.evaluation.run;

import aviary.evaluation.run.Evaluation.Window;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.task.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** Answers a window of documents, and keeps the answers about each as soon as there are all. */
final class WindowRun {
  /** A disk is not to be waited for after every batch of a fast model. */
  private static final long KEEP_NANOS = 1_000_000_000L;

  private final Window window;
  private final Answers kept;
  private final IntConsumer answered;
  private final List<Response> responses = new ArrayList<>();

  /** For each request the position of its document in the window. */
  private final List<Integer> documents = new ArrayList<>();

  /** For each document where its requests begin, and how many have no answer. */
  private final int[] begin;

  private final int[] left;

  private final Map<Integer, List<Response>> unkept = new LinkedHashMap<>();
  private int whole;
  private long lastKept = System.nanoTime();

  /**
   * @param kept has what was answered before
   * @param answered is told how many documents of all have been answered
   */
  WindowRun(Window window, Answers kept, IntConsumer answered) {
    this.window = window;
    this.kept = kept;
    this.answered = answered;
    begin = new int[window.items().size() + 1];
    left = new int[window.items().size()];
    whole = kept.begun().size();
    for (int document = 0; document < left.length; document++) {
      int requests = window.items().get(document).question().requests().size();
      List<Response> its = kept.begun().get(document);
      for (int i = 0; i < requests; i++) {
        documents.add(document);
        responses.add(its == null ? null : its.get(i));
      }
      left[document] = its == null ? requests : 0;
      begin[document + 1] = responses.size();
    }
  }

  void run(Scorer scorer) throws IOException {
    try {
      scorer.answer(window.encoded(), new ArrayList<>(responses), this::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      keep();
    }
    List<List<Response>> all = new ArrayList<>();
    for (int document = 0; document < left.length; document++) {
      all.add(of(document));
    }
    kept.add(all);
  }

  private List<Response> of(int document) {
    return responses.subList(begin[document], begin[document + 1]);
  }

  private void add(int request, Response response) {
    int document = documents.get(request);
    responses.set(request, response);
    left[document]--;
    if (left[document] > 0) {
      return;
    }
    whole++;
    unkept.put(document, of(document));
    answered.accept(kept.documents() + whole);
    if (System.nanoTime() - lastKept > KEEP_NANOS) {
      try {
        keep();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void keep() throws IOException {
    if (!unkept.isEmpty() && whole < left.length) {
      kept.begin(unkept);
    }
    unkept.clear();
    lastKept = System.nanoTime();
  }
}
