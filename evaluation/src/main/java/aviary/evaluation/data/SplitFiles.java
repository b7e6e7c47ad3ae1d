package aviary.evaluation.data;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Of all the files of a format that are named as a split, those to read: a split that is there more
 * than once counts once. Files in the same folder that are numbered alike are one copy of it. A
 * copy with all of its parts comes before one that lacks some, then one in fewer folders, then the
 * first by name. In a copy each part counts once, and so does a file with several links to it.
 */
final class SplitFiles {
  /** A number with more digits than an int holds is part of the name. */
  private static final Pattern PART =
      Pattern.compile("(?:^|[-_.])(\\d{1,9})(?:-of-(\\d{1,9}))?(?:-[0-9a-f]{8,})?$");

  /** How many missing parts a message names. */
  private static final int MOST_NAMED = 6;

  private static final Pattern ENDING = Pattern.compile("\\.[a-z]+(\\.gz)?$");

  /**
   * What the files of one copy have in common.
   *
   * @param stem the name less its number; empty if the folder alone names the split
   * @param total how many parts the names tell of; null if they do not
   */
  private record Copy(Path folder, String stem, boolean isNumbered, Integer total) {
    static Copy of(Path file, boolean folderNamesIt) {
      String name = name(file);
      Matcher part = PART.matcher(name);
      boolean numbered = part.find();
      String stem = numbered ? name.substring(0, part.start()) : name;
      Integer total = numbered && part.group(2) != null ? Integer.valueOf(part.group(2)) : null;
      return folderNamesIt && total == null
          ? new Copy(file.getParent(), "", false, null)
          : new Copy(file.getParent(), stem, numbered, total);
    }
  }

  private SplitFiles() {}

  /** The file's name less its ending. */
  static String name(Path file) {
    return ENDING.matcher(file.getFileName().toString()).replaceFirst("");
  }

  /**
   * The files to read, in their order.
   *
   * @param place the data set's folder
   * @param files all in it that are named as the split, sorted; one or more
   * @param split its name
   * @throws InputException if every copy lacks a part, or a file is a link to nothing; the message
   *     names it
   */
  static List<Path> choose(Path place, List<Path> files, String split) throws IOException {
    Map<Copy, List<Path>> copies = new LinkedHashMap<>();
    for (Path file : files) {
      boolean folderNamesIt = isInFolder(place.relativize(file), split);
      copies.computeIfAbsent(Copy.of(file, folderNamesIt), _ -> new ArrayList<>()).add(file);
    }
    List<Copy> order = new ArrayList<>(copies.keySet());
    order.sort(Comparator.comparing((Copy copy) -> copy.folder.getNameCount()));
    for (Copy copy : order) {
      if (missing(copy, copies.get(copy)).findAny().isEmpty()) {
        return readable(once(copy, copies.get(copy)));
      }
    }
    throw incomplete(order.getFirst(), copies.get(order.getFirst()), split);
  }

  /**
   * Checks files that are read as they are: of numbered parts all must be there.
   *
   * @param files one or more
   * @param split its name, for messages
   * @param isMeant whether a part that is not there is one of those that were asked for
   * @throws InputException if such a part is missing, or a file is a link to nothing; the message
   *     names it
   */
  static void requireParts(List<Path> files, String split, Predicate<Path> isMeant)
      throws IOException {
    Map<Copy, List<Path>> copies = new LinkedHashMap<>();
    files.forEach(
        file -> copies.computeIfAbsent(Copy.of(file, false), _ -> new ArrayList<>()).add(file));
    for (Map.Entry<Copy, List<Path>> copy : copies.entrySet()) {
      Path first = copy.getValue().getFirst();
      if (missing(copy.getKey(), copy.getValue())
          .anyMatch(number -> isMeant.test(first.resolveSibling(renumbered(first, number))))) {
        throw incomplete(copy.getKey(), copy.getValue(), split);
      }
    }
    readable(files);
  }

  private static InputException incomplete(Copy copy, List<Path> files, String split) {
    List<String> names =
        missing(copy, files)
            .limit(MOST_NAMED)
            .mapToObj(number -> name(files.getFirst(), number))
            .toList();
    long others = missing(copy, files).count() - names.size();
    return new InputException(
        "%s: the split %s is in %d files; missing: %s%s; download them"
            .formatted(
                copy.folder,
                split,
                copy.total,
                String.join(", ", names),
                others == 0 ? "" : " and %d others".formatted(others)));
  }

  private static boolean isInFolder(Path file, String name) {
    Path folders = file.getParent();
    return folders != null
        && StreamSupport.stream(folders.spliterator(), false)
            .anyMatch(folder -> folder.toString().equals(name));
  }

  private static int number(Path file) {
    Matcher shard = PART.matcher(name(file));
    return shard.find() ? Integer.parseInt(shard.group(1)) : -1;
  }

  /** The numbers of the parts that are not there; they begin at 0, or at 1. */
  private static IntStream missing(Copy copy, List<Path> files) {
    if (copy.total == null) {
      return IntStream.empty();
    }
    Set<Integer> there = new LinkedHashSet<>();
    files.forEach(file -> there.add(number(file)));
    int begin = there.contains(copy.total) && !there.contains(0) ? 1 : 0;
    return IntStream.range(begin, begin + copy.total).filter(i -> !there.contains(i));
  }

  /** The name of another part, as this part's is, but without a hash: the other's is not known. */
  private static String name(Path part, int number) {
    String name = renumbered(part, number);
    Matcher shard = part(part);
    String ending = name.substring(name(part).length());
    return shard.end(2) < 0 ? name : name.substring(0, shard.end(2)) + ending;
  }

  /** This part's name with another number. */
  private static String renumbered(Path part, int number) {
    String name = part.getFileName().toString();
    Matcher shard = part(part);
    String digits = "%%0%dd".formatted(shard.end(1) - shard.start(1)).formatted(number);
    return name.substring(0, shard.start(1)) + digits + name.substring(shard.end(1));
  }

  private static Matcher part(Path file) {
    Matcher part = PART.matcher(name(file));
    if (!part.find()) {
      throw new IllegalArgumentException("no part of several: " + file);
    }
    return part;
  }

  private static List<Path> once(Copy copy, List<Path> files) throws IOException {
    if (copy.total != null) {
      Map<Integer, Path> parts = new TreeMap<>();
      files.forEach(file -> parts.putIfAbsent(number(file), file));
      return List.copyOf(parts.values());
    }
    Map<String, Path> names = new LinkedHashMap<>();
    files.forEach(file -> names.putIfAbsent(name(file), file));
    Map<Path, Path> targets = new LinkedHashMap<>();
    for (Path file : names.values()) {
      targets.putIfAbsent(Files.exists(file) ? file.toRealPath() : file, file);
    }
    return List.copyOf(targets.values());
  }

  private static List<Path> readable(List<Path> files) throws IOException {
    for (Path file : files) {
      if (!Files.exists(file)) {
        throw new InputException(
            "%s: is a link to %s, which is not there; get the file again"
                .formatted(file, Files.readSymbolicLink(file)));
      }
    }
    return files;
  }
}
