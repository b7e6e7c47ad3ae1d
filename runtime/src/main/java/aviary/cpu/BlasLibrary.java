package aviary.cpu;

import aviary.InputException;
import aviary.engine.BlasChoice;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds libraries of matrix products: in the folder, or the file, that the environment's {@value
 * #VARIABLE} names, or where the system's loader looks.
 */
enum BlasLibrary {
  /** https://www.openblas.net. */
  OPENBLAS(
      "OpenBLAS",
      List.of("libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"),
      "Debian's package libopenblas0, or the jar org.bytedeco:openblas:linux-x86_64 unpacked"),
  /** https://www.intel.com/oneapi: one file that loads the others beside it. */
  MKL(
      "oneMKL",
      List.of("libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so", "mkl_rt.3.dll", "mkl_rt.2.dll"),
      "pip's package mkl, or the jar org.bytedeco:mkl:linux-x86_64-redist unpacked");

  private static final String VARIABLE = "AVIARY_BLAS_PATH";

  private static final Map<BlasLibrary, Optional<Blas>> FOUND = new EnumMap<>(BlasLibrary.class);

  private final String title;
  private final List<String> files;
  private final String source;

  BlasLibrary(String title, List<String> files, String source) {
    this.title = title;
    this.files = files;
    this.source = source;
  }

  /** What people call it. */
  String title() {
    return title;
  }

  /**
   * The library that is to be used.
   *
   * @return empty for the backend's own products
   * @throws InputException if the one that was asked for is not there, which says how to get it
   */
  static Optional<Blas> chosen(BlasChoice choice) {
    return switch (choice) {
      case NONE -> Optional.empty();
      case OPENBLAS -> Optional.of(OPENBLAS.required());
      case MKL -> Optional.of(MKL.required());
      case AUTO -> automatic();
    };
  }

  /**
   * The backend's own products measured faster than OpenBLAS, and than oneMKL on processors of
   * other makers. What they cannot reach is a processor's unit for products of BF16 matrices (AMX),
   * which oneMKL uses.
   */
  private static Optional<Blas> automatic() {
    return Processor.multipliesBf16() ? MKL.find().filter(Blas::hasBf16) : Optional.empty();
  }

  private Blas required() {
    return find()
        .orElseThrow(() ->
            new InputException(
                ("--blas %s: the library is not here (%s)%s: get %s, and name its folder in %s, or"
                        + " leave --blas out")
                    .formatted(
                        name().toLowerCase(Locale.ROOT),
                        files.getFirst(),
                        whatIsWrongWithThePath().map(why -> "; " + why).orElse(""),
                        source,
                        VARIABLE)));
  }

  /** Opens the library, where it is on this machine; it stays open. */
  Optional<Blas> find() {
    synchronized (FOUND) {
      return FOUND.computeIfAbsent(this, BlasLibrary::open);
    }
  }

  private Optional<Blas> open() {
    return places().stream().flatMap(place -> open(place).stream()).findFirst();
  }

  /**
   * Opens a file; it stays open.
   *
   * @param place a path, or a name that the system's loader knows
   * @return empty if it is not there, or not for this machine
   */
  @SuppressWarnings("restricted") // To open a library is what this is for.
  Optional<Blas> open(String place) {
    try {
      SymbolLookup symbols =
          Path.of(place).isAbsolute()
              ? SymbolLookup.libraryLookup(Path.of(place), Arena.global())
              : SymbolLookup.libraryLookup(place, Arena.global());
      return symbols.find("cblas_sgemm").map(_ -> new Blas(this, symbols));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Why what the environment names is of no use; empty where it names nothing, or a library. */
  static Optional<String> whatIsWrongWithThePath() {
    return whatIsWrongWith(System.getenv(VARIABLE));
  }

  /** The same of what the variable could be; null where it is not set. */
  static Optional<String> whatIsWrongWith(String named) {
    if (named == null || named.isEmpty()) {
      return Optional.empty();
    }
    if (Stream.of(values()).anyMatch(library -> !library.placesIn(named).isEmpty())) {
      return Optional.empty();
    }
    Path path = Path.of(named);
    String why;
    if (Files.isDirectory(path)) {
      why = "holds no library of these names: " + names();
    } else if (Files.exists(path)) {
      why = "is a file of none of these names: " + names();
    } else {
      why = "does not exist";
    }
    return Optional.of("%s=%s %s".formatted(VARIABLE, named, why));
  }

  /** All that a library's file may be called. */
  private static String names() {
    return Stream.of(values())
        .flatMap(library -> library.files.stream())
        .collect(Collectors.joining(", "));
  }

  /** Where it may be, the best first. */
  private List<String> places() {
    String named = System.getenv(VARIABLE);
    List<String> places = new ArrayList<>();
    if (named != null && !named.isEmpty()) {
      places.addAll(placesIn(named));
    }
    places.addAll(files);
    return places;
  }

  /** The library's files in a folder, or the file itself if it is one of them. */
  private List<String> placesIn(String named) {
    Path path = Path.of(named).toAbsolutePath();
    if (Files.isDirectory(path)) {
      return files.stream()
          .map(path::resolve)
          .filter(Files::isRegularFile)
          .map(Path::toString)
          .toList();
    }
    boolean isOne = Files.exists(path) && files.contains(String.valueOf(path.getFileName()));
    return isOne ? List.of(path.toString()) : List.of();
  }
}
