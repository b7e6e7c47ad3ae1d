package aviary.evaluation.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Finds files as the library {@code datasets} does: {@code *} stands for anything within a name,
 * {@code **} for any folders. What is hidden, or in a folder that begins with two underscores, is
 * only found if the pattern says so too.
 *
 * @param start the folder that the pattern names without such characters, or the file
 * @param parts what of the pattern is below it; empty for a file's path
 * @param regex of the paths below the folder
 */
record FilePattern(Path start, List<String> parts, Pattern regex) {
  private static final int DEPTH = 12;
  private static final Pattern MAGIC = Pattern.compile("[*?\\[]");

  /** Files of data sets that hold no documents. */
  private static final Set<String> OTHERS =
      Set.of(
          "README.md",
          "config.json",
          "dataset_info.json",
          "dataset_infos.json",
          "dummy_data.zip",
          "dataset_dict.json");

  /** Whether a pattern may stand for several files. */
  static boolean isPattern(String text) {
    return MAGIC.matcher(text).find();
  }

  /**
   * The files, sorted; none if there are none.
   *
   * @param pattern relative to the folder, or absolute
   */
  static List<Path> find(Path folder, String pattern) throws IOException {
    FilePattern its = of(folder, pattern);
    if (its.parts.isEmpty()) {
      return Files.isRegularFile(its.start) ? List.of(its.start) : List.of();
    }
    if (!Files.isDirectory(its.start)) {
      return List.of();
    }
    return FileTree.files(its.start, _ -> true, DEPTH).stream().filter(its::matches).toList();
  }

  /**
   * The pattern, split at the first part that may stand for several names.
   *
   * @param folder that it is relative to, if it is not absolute
   */
  static FilePattern of(Path folder, String pattern) {
    Path start = pattern.startsWith("/") ? Path.of("/") : folder;
    List<String> parts = Arrays.stream(pattern.split("/")).filter(part -> !part.isEmpty()).toList();
    int plain = 0;
    while (plain < parts.size() && !isPattern(parts.get(plain))) {
      start = start.resolve(parts.get(plain++));
    }
    List<String> left = parts.subList(plain, parts.size());
    return new FilePattern(start, left, regex(left));
  }

  /** Whether a file, which need not exist, is one of those that the pattern stands for. */
  boolean matches(Path file) {
    Path found = start.relativize(file);
    String name = found.getFileName().toString();
    return regex.matcher(found.toString()).matches()
        && (!OTHERS.contains(name) || name.equals(parts.getLast()))
        && count(found, part -> part.startsWith("."))
            == parts.stream().filter(part -> part.startsWith(".")).count()
        && count(found.getParent(), FilePattern::isSpecial)
            == parts.stream().limit(parts.size() - 1L).filter(FilePattern::isSpecial).count();
  }

  private static boolean isSpecial(String part) {
    return part.startsWith("__");
  }

  private static long count(Path path, Predicate<String> which) {
    long count = 0;
    if (path != null) {
      for (Path part : path) {
        count += which.test(part.toString()) ? 1 : 0;
      }
    }
    return count;
  }

  private static Pattern regex(List<String> parts) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      boolean last = i == parts.size() - 1;
      if (parts.get(i).equals("**")) {
        regex.append(last ? ".+" : "(?:.+/)?");
      } else {
        append(regex, parts.get(i));
        regex.append(last ? "" : "/");
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static void append(StringBuilder regex, String part) {
    int i = 0;
    while (i < part.length()) {
      char c = part.charAt(i);
      int end = c == '[' ? part.indexOf(']', i + 2) : -1;
      if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else if (end > 0) {
        String set = part.substring(i + 1, end).replace("\\", "\\\\").replace("[", "\\[");
        regex.append('[').append(set.replace("&", "\\&").replaceFirst("^!", "^")).append(']');
        i = end;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
      i++;
    }
  }
}
