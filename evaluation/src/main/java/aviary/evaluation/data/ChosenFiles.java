package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.data.DataFolder.Wanted;
import aviary.evaluation.data.Split.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a split that a task's {@code dataset_kwargs} choose, found as {@code datasets} finds
 * them: {@code data_files} are of the splits that it names, or of {@code train}. Without it files
 * are of the splits that the names of their folders tell, or else their own names; if none does all
 * are of {@code train}.
 *
 * @param base the data set's folder, or its {@code data_dir}
 * @param wanted what the task reads
 */
record ChosenFiles(Path base, Wanted wanted) {
  private static final Pattern SHARD =
      Pattern.compile("data/([^/]+)-\\d{5}-of-\\d{5}[^/]*\\.[^/]*");
  private static final Map<String, List<String>> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("train", List.of("train", "training"));
    WORDS.put("validation", List.of("validation", "valid", "dev", "val"));
    WORDS.put("test", List.of("test", "testing", "eval", "evaluation"));
  }

  /**
   * Finds them.
   *
   * @throws InputException if there are none; the message names what was looked for, and where
   */
  Split find() throws IOException {
    Map<String, List<String>> named = wanted.choice().files();
    List<Path> files = named == null ? byNames() : named(named);
    return new Split(files, wanted.choice().reading());
  }

  private List<Path> named(Map<String, List<String>> named) throws IOException {
    List<String> patterns = named.get(wanted.split());
    if (patterns == null) {
      throw new InputException(
          "the data set %s has no split %s: its data_files are of %s"
              .formatted(wanted.dataset(), wanted.split(), String.join(", ", named.keySet())));
    }
    List<Path> files = new ArrayList<>();
    for (String pattern : patterns) {
      if (pattern.contains("://")) {
        throw new InputException(
            ("the data set %s (%s): data_files names %s, and nothing is downloaded: get it, and"
                    + " name the file")
                .formatted(wanted.dataset(), wanted.split(), pattern));
      }
      List<Path> found = FilePattern.find(base, pattern);
      if (found.isEmpty() && !FilePattern.isPattern(pattern)) {
        throw nothing(pattern);
      }
      if (FilePattern.isPattern(pattern)) {
        found = ofOneFormat(found);
        // One part may be named on purpose; a pattern that all parts match means them all.
        SplitFiles.requireParts(found, wanted.split(), FilePattern.of(base, pattern)::matches);
      }
      files.addAll(found);
    }
    if (files.isEmpty()) {
      throw nothing(String.join(", ", patterns));
    }
    return files;
  }

  private InputException nothing(String pattern) {
    return new InputException(
        "the data set %s (%s): there is no file %s in %s, which data_files names"
            .formatted(wanted.dataset(), wanted.split(), pattern, base));
  }

  private List<Path> byNames() throws IOException {
    if (!Files.isDirectory(base)) {
      throw new InputException(
          "the data set %s (%s): there is no folder %s, which data_dir names"
              .formatted(wanted.dataset(), wanted.split(), base));
    }
    List<Path> all = ofOneFormat(FilePattern.find(base, "**"));
    Map<String, Set<Path>> splits = splits(all);
    Set<Path> files = splits.get(wanted.split());
    if (files == null) {
      throw new InputException(
          "the data set %s has no split %s in %s, %s"
              .formatted(
                  wanted.dataset(),
                  wanted.split(),
                  base,
                  splits.isEmpty()
                      ? "which has no file of documents"
                      : "whose files are of " + String.join(", ", splits.keySet())));
    }
    List<Path> its = List.copyOf(files);
    SplitFiles.requireParts(its, wanted.split(), _ -> true);
    return its;
  }

  private Map<String, Set<Path>> splits(List<Path> all) {
    Map<String, Set<Path>> splits = new LinkedHashMap<>();
    for (Path file : all) {
      Matcher shard = SHARD.matcher(base.relativize(file).toString());
      if (shard.matches()) {
        splits.computeIfAbsent(shard.group(1), _ -> new LinkedHashSet<>()).add(file);
      }
    }
    for (boolean folders : List.of(true, false)) {
      if (splits.isEmpty()) {
        for (String split : WORDS.keySet()) {
          all.stream()
              .filter(file -> tells(split, base.relativize(file), folders))
              .forEach(file -> splits.computeIfAbsent(split, _ -> new LinkedHashSet<>()).add(file));
        }
      }
    }
    if (splits.isEmpty() && !all.isEmpty()) {
      splits.put("train", new LinkedHashSet<>(all));
    }
    return splits;
  }

  private static boolean tells(String split, Path file, boolean folders) {
    for (String word : WORDS.get(split)) {
      // A name with the word in it; a file's has an ending too.
      Pattern pattern =
          Pattern.compile(
              "(?:.*[-._ 0-9])?" + word + (folders ? "(?:[-._ 0-9].*)?" : "[-._ 0-9].*"));
      for (int i = 0; i < file.getNameCount(); i++) {
        boolean isFolder = i < file.getNameCount() - 1;
        if (isFolder == folders && pattern.matcher(file.getName(i).toString()).matches()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Beside documents there may be others: those of the format that most files have are taken. */
  private List<Path> ofOneFormat(List<Path> files) {
    Reading reading = wanted.choice().reading();
    if (reading instanceof Reading.OfFormat && wanted.choice().files() != null) {
      return files;
    }
    Map<Format, List<Path>> byFormat = new LinkedHashMap<>();
    for (Path file : files) {
      Format its = Format.of(file);
      if (its != Format.OTHER && its == reading.format(file)) {
        byFormat.computeIfAbsent(its, _ -> new ArrayList<>()).add(file);
      }
    }
    List<Path> most = List.of();
    for (List<Path> its : byFormat.values()) {
      most = its.size() > most.size() ? its : most;
    }
    return most;
  }
}
