package aviary.evaluation.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * The files below a folder. Links to folders and files are followed; a loop of links is left where
 * it closes. A link to what is not there is a file of the list, so that it can be named.
 */
public final class FileTree extends SimpleFileVisitor<Path> {
  /** How deep data sets' own folders are looked into; their files lie less deep. */
  private static final int DEPTH_OF_DATA_SETS = 6;

  private final Path root;
  private final Predicate<Path> folders;
  private final List<Path> files = new ArrayList<>();
  private int visitsLeft;

  private FileTree(Path root, Predicate<Path> folders, int mostVisits) {
    this.root = root;
    this.folders = folders;
    visitsLeft = mostVisits;
  }

  /**
   * The files, sorted by their paths.
   *
   * @param folders says of a folder's name whether it is looked into
   */
  static List<Path> files(Path root, Predicate<Path> folders) throws IOException {
    return files(root, folders, DEPTH_OF_DATA_SETS, Integer.MAX_VALUE);
  }

  /**
   * The files, sorted by their paths.
   *
   * @param folders says of a folder's name whether it is looked into
   * @param depth of the files that lie deepest; 1 for those of the folder itself
   * @throws IOException if the file system fails; a folder below that may not be read is left out
   */
  public static List<Path> files(Path root, Predicate<Path> folders, int depth) throws IOException {
    return files(root, folders, depth, Integer.MAX_VALUE);
  }

  /**
   * Some of the files.
   *
   * @param mostVisits how many files and folders are looked at: a link may lead to a whole disk
   */
  static List<Path> some(Path root, int mostVisits) throws IOException {
    return files(root, _ -> true, DEPTH_OF_DATA_SETS, mostVisits);
  }

  private static List<Path> files(Path root, Predicate<Path> folders, int depth, int mostVisits)
      throws IOException {
    FileTree tree = new FileTree(root, folders, mostVisits);
    Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, tree);
    tree.files.sort(Comparator.comparing(Path::toString));
    return tree.files;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return folder.equals(root) || folders.test(folder.getFileName())
        ? next()
        : FileVisitResult.SKIP_SUBTREE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (!attributes.isDirectory()) {
      files.add(file);
    }
    return next();
  }

  private FileVisitResult next() {
    return visitsLeft-- > 0 ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
  }

  /** A loop, or a folder that may not be read, holds nothing that is found. */
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException problem) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException problem) {
    return FileVisitResult.CONTINUE;
  }
}
