package aviary.evaluation.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds files as the library {@code datasets} does: {@code *} stands for anything within a name,
 * {@code **} for any folders. What is hidden, or in a folder that begins with two underscores, is
 * only found if the pattern says so too.
 */
final class FilePattern {
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

  private FilePattern() {}

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
    Path start = folder;
    if (pattern.startsWith("/")) {
      start = Path.of("/");
    }
    List<String> parts = Arrays.stream(pattern.split("/")).filter(part -> !part.isEmpty()).toList();
    int plain = 0;
    while (plain < parts.size() && !isPattern(parts.get(plain))) {
      start = start.resolve(parts.get(plain++));
    }
    if (plain == parts.size()) {
      return Files.isRegularFile(start) ? List.of(start) : List.of();
    }
    if (!Files.isDirectory(start)) {
      return List.of();
    }
    return matching(start, parts.subList(plain, parts.size()));
  }

  private static List<Path> matching(Path start, List<String> parts) throws IOException {
    Pattern regex = regex(parts);
    String name = parts.getLast();
    long hidden = parts.stream().filter(part -> part.startsWith(".")).count();
    long special = parts.stream().limit(parts.size() - 1L).filter(FilePattern::isSpecial).count();
    return FileTree.files(start, _ -> true).stream()
        .filter(file -> {
          Path found = start.relativize(file);
          return regex.matcher(found.toString()).matches()
              && (!OTHERS.contains(found.getFileName().toString())
                  || name.equals(found.getFileName().toString()))
              && count(found, part -> part.startsWith(".")) == hidden
              && count(found.getParent(), FilePattern::isSpecial) == special;
        })
        .toList();
  }

  private static boolean isSpecial(String part) {
    return part.startsWith("__");
  }

  private static long count(Path path, java.util.function.Predicate<String> which) {
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
