package aviary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders that Hugging Face's hub keeps downloads in: {@code models--ORG--NAME} with {@code
 * blobs}, {@code refs} and {@code snapshots}, where {@code refs/main} has the name of the current
 * snapshot.
 */
public final class HubFolder {

  /** A commit's hash has 40 characters. */
  private static final int LONGEST_REF = 200;

  private HubFolder() {}

  /**
   * The snapshot in a folder of the hub's; any other path is returned as it is.
   *
   * @param path what is to be opened
   * @throws InputException if the folder has no snapshot, several of which none is the current one,
   *     or lacks the current one
   * @throws IOException if it cannot be read
   */
  public static Path resolve(Path path) throws IOException {
    Path snapshots = path.resolve("snapshots");
    if (!Files.isDirectory(snapshots)) {
      if (Files.isDirectory(path) && isHubName(path)) {
        throw new InputException(
            path + ": is a folder of Hugging Face's hub without a snapshot: download it again");
      }
      return path;
    }
    List<Path> found;
    try (Stream<Path> folders = Files.list(snapshots)) {
      found = folders.filter(Files::isDirectory).sorted().toList();
    }
    Path ref = path.resolve("refs").resolve("main");
    if (Files.isRegularFile(ref)) {
      return current(path, snapshots, ref, found);
    }
    if (found.size() != 1) {
      throw new InputException(
          path
              + (found.isEmpty()
                  ? ": is a folder of Hugging Face's hub without a snapshot: download it again"
                  : ": has %d snapshots and no refs/main that says which is current: name one, such as %s"
                      .formatted(found.size(), found.getFirst())));
    }
    return found.getFirst();
  }

  private static Path current(Path path, Path snapshots, Path ref, List<Path> found)
      throws IOException {
    String name = Files.size(ref) > LONGEST_REF ? "" : Files.readString(ref).strip();
    for (Path snapshot : found) {
      // Compared with what is there, so that a name cannot lead out of the folder.
      if (snapshot.getFileName().toString().equals(name)) {
        return snapshot;
      }
    }
    throw new InputException(
        "%s: its refs/main names the snapshot %s, which is not in %s: download it again%s"
            .formatted(
                path,
                name.matches("[\\w.-]{1,200}") ? name : "(unreadable)",
                snapshots,
                found.isEmpty() ? "" : ", or name another, such as " + found.getFirst()));
  }

  private static boolean isHubName(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith("models--");
  }
}
