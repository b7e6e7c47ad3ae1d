package aviary.engine;

import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;

/** The memory of a model's weights, which whoever opened the model may have closed. */
final class ModelMemory {
  private final MemorySegment.Scope[] scopes;

  ModelMemory(Model model) {
    scopes =
        model.tensors().values().stream()
            .map(Tensor::data)
            .map(MemorySegment::scope)
            .distinct()
            .toArray(MemorySegment.Scope[]::new);
  }

  /**
   * Checks that the memory is there.
   *
   * @throws IllegalStateException if it was closed
   */
  void requireOpen() {
    for (MemorySegment.Scope scope : scopes) {
      if (!scope.isAlive()) {
        throw new IllegalStateException(
            "the model's memory was closed before its engine: close the arena after the engine");
      }
    }
  }

  /** What a run failed with, in place of what the JDK says of memory that it could not read. */
  RuntimeException explain(RuntimeException failure) {
    if (failure instanceof WrongThreadException) {
      return new IllegalStateException(
          "the model was opened in a confined arena, whose memory one thread may read: open it in"
              + " Arena.ofShared()",
          failure);
    }
    try {
      requireOpen();
      return failure;
    } catch (IllegalStateException e) {
      e.initCause(failure);
      return e;
    }
  }
}
