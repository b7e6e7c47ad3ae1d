package aviary.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Passes that go through stages, so that a stage runs one while the stage before runs the next. */
final class Pipeline {

  /** Runs one pass through one stage. */
  @FunctionalInterface
  interface Work {
    void run(int pass, int stage);
  }

  private Pipeline() {}

  /**
   * Runs passes through all stages, each stage on its thread. Every stage runs them in their order;
   * where one fails, its pass and those behind it go no further.
   *
   * @param threads one for each stage
   * @throws RuntimeException why one failed, once nothing is at work any more; or an {@link Error}
   */
  static void run(DeviceThreads threads, int stages, int passes, Work work) {
    List<List<CompletableFuture<Void>>> done = new ArrayList<>();
    for (int p = 0; p < passes; p++) {
      List<CompletableFuture<Void>> ofPass = new ArrayList<>();
      done.add(ofPass);
      for (int s = 0; s < stages; s++) {
        List<CompletableFuture<Void>> after = new ArrayList<>();
        if (s > 0) {
          after.add(ofPass.get(s - 1));
        }
        if (p > 0) {
          after.add(done.get(p - 1).get(s));
        }
        if (p > 1 && s < stages - 1) {
          // A stage is ahead of the next by one pass, so that memory does not grow with the prompt.
          after.add(done.get(p - 2).get(s + 1));
        }
        int pass = p;
        int stage = s;
        ofPass.add(threads.run(stage, after, () -> work.run(pass, stage)));
      }
    }
    DeviceThreads.await(done.stream().flatMap(List::stream).toList());
  }
}
