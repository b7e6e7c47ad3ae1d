package aviary.evaluation.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Which configuration and split the path of a file names, in a data set's folder. */
final class SplitPath {
  private static final Pattern SHARD = Pattern.compile("[-_.]\\d+(-of-\\d+)?(-[0-9a-f]{8,})?$");

  /** Folders that name neither configuration nor split. */
  static final List<String> NEUTRAL = List.of("data", "default", "main");

  private SplitPath() {}

  static boolean matches(Path file, String dataset, String configuration, String split) {
    List<String> folders = new ArrayList<>();
    for (int i = 0; i < file.getNameCount() - 1; i++) {
      folders.add(file.getName(i).toString());
    }
    String stem = SHARD.matcher(SplitFiles.name(file)).replaceFirst("");
    boolean splitFolder = folders.remove(split);
    boolean configurationFolder = configuration == null || folders.remove(configuration);
    folders.removeAll(NEUTRAL);
    if (!folders.isEmpty()) {
      return false;
    }
    String prefix = dataset.substring(dataset.lastIndexOf('/') + 1);
    boolean any = configurationFolder || NEUTRAL.contains(configuration);
    return splitFolder && any && (configurationFolder || !stem.equals(configuration))
        || splitFolder && stem.equals(configuration)
        || any && (stem.equals(split) || joined(stem, prefix, split))
        || configuration != null
            && (joined(stem, configuration, split) || joined(stem, split, configuration));
  }

  private static boolean joined(String stem, String first, String second) {
    return stem.length() == first.length() + second.length() + 1
        && stem.startsWith(first)
        && stem.endsWith(second)
        && "-_.".indexOf(stem.charAt(first.length())) >= 0;
  }
}
