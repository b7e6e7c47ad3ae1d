package aviary.evaluation.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A data set in the hub's cache: {@code snapshots} has a folder for each commit, and {@code refs}
 * names the commits of branches and tags.
 *
 * @param folder such as {@code datasets--cambridgeltl--xcopa}
 */
record HubDataset(Path folder) {
  /** A commit's hash has 40 characters. */
  private static final int LONGEST_REF = 200;

  /**
   * The snapshot of a revision, by its hash or the branch or tag that names it; without one that of
   * the branch main, or else the one that changed last.
   */
  Optional<Path> snapshot(String revision) throws IOException {
    Path snapshots = folder.resolve("snapshots");
    if (!Files.isDirectory(snapshots)) {
      return Optional.empty();
    }
    Optional<Path> ref = below(folder.resolve("refs"), revision == null ? "main" : revision);
    if (ref.isPresent() && Files.isRegularFile(ref.get()) && Files.size(ref.get()) <= LONGEST_REF) {
      String name = new String(Files.readAllBytes(ref.get()), StandardCharsets.UTF_8).strip();
      Optional<Path> named = below(snapshots, name).filter(Files::isDirectory);
      if (named.isPresent()) {
        return named;
      }
    }
    if (revision != null) {
      return below(snapshots, revision).filter(Files::isDirectory);
    }
    try (Stream<Path> all = Files.list(snapshots)) {
      return all.filter(Files::isDirectory)
          .max(Comparator.comparing((Path path) -> path.toFile().lastModified()));
    }
  }

  /**
   * What a name stands for in a folder, with a slash between folder and file. It is compared with
   * the names that are there: one from a task file or a reference cannot lead out of the folder.
   */
  private static Optional<Path> below(Path folder, String name) throws IOException {
    Path place = folder;
    for (String part : name.split("/", -1)) {
      if (!Files.isDirectory(place)) {
        return Optional.empty();
      }
      try (Stream<Path> all = Files.list(place)) {
        Optional<Path> next =
            all.filter(path -> path.getFileName().toString().equals(part)).findFirst();
        if (next.isEmpty()) {
          return next;
        }
        place = next.get();
      }
    }
    return Optional.of(place);
  }
}
