package aviary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Another process whose threads never rest, as other programs of a shared machine. It ends when it
 * is closed, and with the process that started it.
 */
final class BusyProcess implements AutoCloseable {
  private final Process process;

  private BusyProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts one, and returns when its threads run.
   *
   * @param threads how many it has
   * @throws IOException if it cannot be started
   */
  static BusyProcess start(int threads) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx16m",
                "-cp",
                System.getProperty("java.class.path"),
                BusyProcess.class.getName(),
                String.valueOf(threads))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BusyProcess busy = new BusyProcess(process);
    // It writes a byte when its threads run.
    if (process.getInputStream().read() < 0) {
      busy.close();
      throw new IOException("the busy process of --beside ended at its start");
    }
    return busy;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has used so far. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Closes its standard input, as the end of this process does. */
  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /**
   * The process: runs until its standard input ends, which it does with the process that holds the
   * other end.
   *
   * @param arguments the number of threads
   */
  public static void main(String[] arguments) {
    int threads = Integer.parseInt(arguments[0]);
    for (int i = 0; i < threads; i++) {
      Thread.ofPlatform().daemon().start(BusyProcess::work);
    }
    System.out.write('\n');
    System.out.flush();
    try {
      while (System.in.read() >= 0) {
        // Nothing is sent.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void work() {
    long number = 1;
    while (number != 0) {
      // Of an odd number and an odd factor the product is odd.
      number *= 6364136223846793005L;
    }
  }
}
