package aviary.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Libraries of matrix products for tests. */
final class Libraries {
  private static final String FOLDER = "/org/bytedeco/openblas/linux-x86_64/";

  /** OpenBLAS, and what it needs. */
  private static final List<String> FILES =
      List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1");

  private static Optional<Blas> openBlas;

  private Libraries() {}

  /** OpenBLAS, from a jar that has it for one kind of machine; skips a test on others. */
  static synchronized Blas openBlas() throws IOException {
    if (openBlas == null) {
      openBlas = unpacked();
    }
    assumeTrue(openBlas.isPresent(), "the tests' OpenBLAS is for Linux on x86-64 only");
    return openBlas.get();
  }

  private static Optional<Blas> unpacked() throws IOException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      return Optional.empty();
    }
    Path folder = Files.createTempDirectory("aviary-openblas");
    try {
      for (String file : FILES) {
        try (InputStream in = Libraries.class.getResourceAsStream(FOLDER + file)) {
          Files.copy(in, folder.resolve(file));
        }
      }
      return BlasLibrary.OPENBLAS.open(folder.resolve(FILES.getFirst()).toString());
    } finally {
      // What is open stays open.
      for (String file : FILES) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.delete(folder);
    }
  }

  /** A library of this machine that multiplies BF16; skips a test where there is none. */
  static Blas withBf16() {
    Optional<Blas> found =
        List.of(BlasLibrary.values()).stream()
            .flatMap(library -> library.find().stream())
            .filter(Blas::hasBf16)
            .findFirst();
    assumeTrue(found.isPresent(), "no library of matrix products in BF16 (oneMKL) is here");
    return found.get();
  }
}
