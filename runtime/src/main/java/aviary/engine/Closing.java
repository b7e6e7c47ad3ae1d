package aviary.engine;

import java.util.List;

/** Closes several things, also where one of them fails. */
final class Closing {
  private Closing() {}

  /**
   * Closes all in their order.
   *
   * @throws RuntimeException what the first that failed threw; what others threw is added to it
   */
  static void all(List<? extends Runnable> closings) {
    RuntimeException failure = null;
    for (Runnable closing : closings) {
      try {
        closing.run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes all because of another failure, which it adds to. */
  static void after(Throwable failure, List<? extends Runnable> closings) {
    try {
      all(closings);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
