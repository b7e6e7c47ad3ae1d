package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.data.Split.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A folder of data sets: {@code xcopa} or {@code cambridgeltl/xcopa}, or as in the hub's cache
 * {@code datasets--cambridgeltl--xcopa/snapshots/REVISION}. In a data set's folder configuration
 * and split are folders or in a file's name: {@code it/test.jsonl}, {@code it/test/0000.parquet},
 * {@code data/test-00000-of-00001.parquet}.
 *
 * @param root the folder
 */
public record DataFolder(Path root) {
  /** How much is looked at to say what there is in place of what is missing. */
  private static final int MOST_VISITS = 10_000;

  /**
   * @throws InputException if there is no such folder
   */
  public DataFolder {
    if (!Files.isDirectory(root)) {
      throw new InputException(
          "--data %s: there is no such folder; name one that holds the data sets".formatted(root));
    }
  }

  /**
   * What a task reads.
   *
   * @param dataset the hub's name of the data set, such as {@code cambridgeltl/xcopa}
   * @param configuration its configuration, such as {@code it}; null if it has none
   * @param split such as {@code test}
   * @param choice of the data set's files
   */
  public record Wanted(String dataset, String configuration, String split, DataChoice choice) {
    private String part() {
      return configuration == null ? split : configuration + " " + split;
    }
  }

  /**
   * Checks that all is there.
   *
   * @throws InputException which names all that is missing
   */
  public void requireAll(Collection<Wanted> all) throws IOException {
    List<Wanted> missing = new ArrayList<>();
    Set<String> incomplete = new LinkedHashSet<>();
    for (Wanted wanted : new LinkedHashSet<>(all)) {
      try {
        if (!has(wanted)) {
          missing.add(wanted);
        }
      } catch (InputException e) {
        incomplete.add(e.getMessage());
      }
    }
    if (!incomplete.isEmpty()) {
      throw new InputException(String.join("; ", incomplete));
    }
    if (missing.size() == 1) {
      find(missing.getFirst());
    }
    if (!missing.isEmpty()) {
      Map<String, String> parts = new LinkedHashMap<>();
      missing.forEach(wanted ->
          parts.merge(wanted.dataset, wanted.part(), (before, more) -> before + ", " + more));
      throw new InputException(
          ("%s lacks %d splits of the tasks' data sets: %s; get each from"
                  + " https://huggingface.co/datasets/NAME")
              .formatted(
                  root,
                  missing.size(),
                  parts.entrySet().stream()
                      .map(its -> "%s (%s)".formatted(its.getKey(), its.getValue()))
                      .collect(Collectors.joining(", "))));
    }
  }

  /**
   * Finds a split.
   *
   * @param dataset the hub's name of the data set, such as {@code cambridgeltl/xcopa}
   * @param configuration its configuration, such as {@code it}; null if it has none
   * @param split such as {@code test}
   * @throws InputException if it is not there, or not all of it; the message names the hub's data
   *     set and the places where it was looked for
   */
  public Split find(String dataset, String configuration, String split) throws IOException {
    List<Path> places = places(dataset, null);
    Optional<Split> found = look(dataset, configuration, split, places);
    if (found.isEmpty()) {
      throw missing(dataset, configuration, split, places);
    }
    return found.get();
  }

  /** The first place that has it counts, and in it Parquet before JSON Lines, CSV and text. */
  private static Optional<Split> look(
      String dataset, String configuration, String split, List<Path> places) throws IOException {
    for (Path place : places) {
      List<Path> files =
          dataFiles(
              FileTree.files(
                  place,
                  folder -> {
                    String name = folder.toString();
                    return name.equals(split)
                        || name.equals(configuration)
                        || SplitPath.NEUTRAL.contains(name);
                  }));
      for (Format format : List.of(Format.PARQUET, Format.JSON_LINES, Format.CSV, Format.TEXT)) {
        List<Path> matching =
            files.stream()
                .filter(file -> Format.of(file) == format)
                .filter(file ->
                    SplitPath.matches(place.relativize(file), dataset, configuration, split))
                .toList();
        if (!matching.isEmpty()) {
          return Optional.of(new Split(SplitFiles.choose(place, matching, split)));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Finds what a task reads.
   *
   * @throws InputException if it is not there, or not all of it
   */
  public Split find(Wanted wanted) throws IOException {
    List<Path> places = places(wanted);
    Optional<Split> found = look(wanted, places);
    if (found.isEmpty()) {
      throw missing(wanted.dataset, wanted.configuration, wanted.split, places);
    }
    return found.get();
  }

  private Optional<Split> look(Wanted wanted, List<Path> places) throws IOException {
    DataChoice choice = wanted.choice;
    if (places.isEmpty()) {
      return Optional.empty();
    }
    if (choice.isOfFiles() || isWithoutFolder(wanted)) {
      Path base =
          choice.folder() == null ? places.getFirst() : places.getFirst().resolve(choice.folder());
      return Optional.of(new ChosenFiles(base, wanted).find());
    }
    String configuration = isLoader(choice) ? null : wanted.configuration;
    return look(wanted.dataset, configuration, wanted.split, places)
        .map(found -> new Split(found.files(), choice.reading()));
  }

  /** Whether the name of the data set is that of a loader, such as json. */
  private static boolean isLoader(DataChoice choice) {
    return choice.reading() instanceof Reading.OfFormat;
  }

  private boolean isWithoutFolder(Wanted wanted) throws IOException {
    return isLoader(wanted.choice)
        && (wanted.choice.isOfFiles()
            || places(wanted.dataset, wanted.choice.revision()).isEmpty());
  }

  /** Whether it is there. */
  public boolean has(String dataset, String configuration, String split) throws IOException {
    return has(new Wanted(dataset, configuration, split, DataChoice.ALL));
  }

  /**
   * Whether it is there.
   *
   * @throws InputException if a part of it is, or if files are named that are not there
   */
  private boolean has(Wanted wanted) throws IOException {
    return look(wanted, places(wanted)).isPresent();
  }

  /** Where files of a task may be; those of a loader that has no folder lie in the root. */
  private List<Path> places(Wanted wanted) throws IOException {
    return isWithoutFolder(wanted)
        ? List.of(root)
        : places(wanted.dataset, wanted.choice.revision());
  }

  private List<Path> places(String dataset, String revision) throws IOException {
    String name = dataset.substring(dataset.lastIndexOf('/') + 1);
    String cached = "datasets--" + dataset.replace("/", "--");
    List<Path> places = new ArrayList<>();
    for (Path place : List.of(root.resolve(dataset), root.resolve(name))) {
      if (Files.isDirectory(place) && !places.contains(place)) {
        places.add(place);
      }
    }
    for (Path cache : List.of(root.resolve(cached), root.resolve("hub").resolve(cached))) {
      new HubDataset(cache).snapshot(revision).ifPresent(places::add);
    }
    return places;
  }

  private static List<Path> dataFiles(List<Path> files) {
    return files.stream().filter(file -> Format.of(file) != Format.OTHER).toList();
  }

  private InputException missing(
      String dataset, String configuration, String split, List<Path> places) throws IOException {
    String what = configuration == null ? split : configuration + ", " + split;
    String get = "get it from https://huggingface.co/datasets/" + dataset;
    if (places.isEmpty()) {
      return new InputException(
          "the data set %s (%s) is not in %s: there is no folder %s, %s or datasets--%s; %s"
              .formatted(
                  dataset,
                  what,
                  root,
                  dataset,
                  dataset.substring(dataset.lastIndexOf('/') + 1),
                  dataset.replace("/", "--"),
                  get));
    }
    Path place = places.getFirst();
    List<String> there =
        dataFiles(FileTree.some(place, MOST_VISITS)).stream()
            .limit(6)
            .map(file -> place.relativize(file).toString())
            .toList();
    return new InputException(
        "the data set %s has no %s in %s, which has %s; %s"
            .formatted(
                dataset,
                configuration == null
                    ? "split " + split
                    : "split %s of the configuration %s".formatted(split, configuration),
                place,
                there.isEmpty() ? "no file of documents" : String.join(", ", there),
                get));
  }
}
