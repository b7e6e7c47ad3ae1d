package aviary.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** What the system tells of this machine's processor. */
final class Processor {
  private static final Path FILE = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** Its name, where the system tells it, otherwise what kind it is. */
  static String name() {
    return first("model name").orElse(System.getProperty("os.arch"));
  }

  /**
   * Whether it has a unit that multiplies matrices of BF16 (AMX); no, where the system is silent.
   */
  static boolean multipliesBf16() {
    return first("flags").stream()
        .flatMap(flags -> Arrays.stream(flags.split(" ")))
        .anyMatch("amx_bf16"::equals);
  }

  private static Optional<String> first(String key) {
    if (Files.isReadable(FILE)) {
      try (Stream<String> lines = Files.lines(FILE)) {
        return lines
            .filter(line -> line.startsWith(key) && line.contains(":"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst();
      } catch (IOException e) {
        // Then nothing is known.
      }
    }
    return Optional.empty();
  }
}
