package aviary.engine;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A thread for each of several devices, so that all are at work at the same time. A thread starts
 * when it is first needed.
 */
final class DeviceThreads implements AutoCloseable {
  private final List<ExecutorService> threads;

  /**
   * @param devices their names, by which the threads are named
   */
  DeviceThreads(List<String> devices) {
    threads =
        devices.stream()
            .map(device -> Thread.ofPlatform().daemon().name("aviary-" + device).factory())
            .map(Executors::newSingleThreadExecutor)
            .toList();
  }

  /**
   * Has a device's thread do some work.
   *
   * @param after what has to be done before; where any of it fails, the work is not done, and fails
   *     for the same reason
   */
  CompletableFuture<Void> run(
      int device, Collection<CompletableFuture<Void>> after, Runnable work) {
    return CompletableFuture.allOf(after.toArray(CompletableFuture[]::new))
        .thenRunAsync(work, threads.get(device));
  }

  /**
   * Waits until all is done or has failed: nobody may use a device that is still at work.
   *
   * @throws RuntimeException why some of it failed, or an {@link Error}
   */
  static void await(Collection<CompletableFuture<Void>> all) {
    try {
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    threads.forEach(ExecutorService::close);
  }
}
