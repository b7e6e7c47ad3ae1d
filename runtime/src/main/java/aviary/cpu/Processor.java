package aviary.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the system tells of this machine's processor. */
final class Processor {
  private static final Path FILE = Path.of("/proc/cpuinfo");
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

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

  /**
   * What tells its generation, where the system knows it: family, model and stepping, and the sizes
   * of a core's caches.
   */
  static Optional<String> details() {
    List<String> known = new ArrayList<>();
    List.of("cpu family", "model", "stepping")
        .forEach(key -> first(key).ifPresent(it -> known.add(key.replace("cpu ", "") + " " + it)));
    List<String> caches = caches();
    if (!caches.isEmpty()) {
      known.add("caches " + String.join(" + ", caches));
    } else {
      first("cache size").ifPresent(size -> known.add("cache " + size));
    }
    return known.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", known));
  }

  /** Those of data, from the first level on: {@code L1 32K}. */
  private static List<String> caches() {
    List<String> caches = new ArrayList<>();
    for (int index = 0; Files.isDirectory(CACHES.resolve("index" + index)); index++) {
      Path cache = CACHES.resolve("index" + index);
      try {
        if (!Files.readString(cache.resolve("type")).strip().equals("Instruction")) {
          caches.add(
              "L%s %s"
                  .formatted(
                      Files.readString(cache.resolve("level")).strip(),
                      Files.readString(cache.resolve("size")).strip()));
        }
      } catch (IOException e) {
        // Then it is not known.
      }
    }
    return caches;
  }

  private static Optional<String> first(String key) {
    if (Files.isReadable(FILE)) {
      try (Stream<String> lines = Files.lines(FILE)) {
        return lines
            .filter(line -> line.contains(":"))
            .filter(line -> line.substring(0, line.indexOf(':')).strip().equals(key))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst();
      } catch (IOException e) {
        // Then nothing is known.
      }
    }
    return Optional.empty();
  }
}
