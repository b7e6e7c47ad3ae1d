package aviary.cli;

import aviary.bench.Subject;
import aviary.model.WeightType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What {@code aviary bench} measures: models and shapes, in types. */
final class BenchSubjects {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description =
          "A model's file or folder; may be given several times, or as a list. Without it and --shape"
              + " a small one that aviary comes with.")
  private List<Path> models = List.of();

  @Option(
      names = "--shape",
      split = ",",
      paramLabel = "NAME",
      description = "Random weights of a published model's shape, such as finch-0.4b; a list.")
  private List<String> shapes = List.of();

  @Option(
      names = "--dtype",
      split = ",",
      paramLabel = "TYPE",
      converter = WeightTypeName.class,
      description =
          "The weights' types: f32, f16, bf16, q8_0; a list. Without it files are used as they are,"
              + " and shapes in bf16.")
  private List<WeightType> types = List.of();

  /** Whether no model was named, so that a small one is taken. */
  boolean usesShipped() {
    return models.isEmpty() && shapes.isEmpty();
  }

  /** Each model and shape in each type. */
  List<Subject> all() {
    List<Path> files = usesShipped() ? List.of(ShippedModel.STORY.path()) : paths();
    List<Subject> subjects = new ArrayList<>();
    for (Path model : files) {
      if (types.isEmpty()) {
        subjects.add(new Subject.File(model, null));
      }
      types.forEach(type -> subjects.add(new Subject.File(model, type)));
    }
    for (String shape : shapes) {
      List<WeightType> its = types.isEmpty() ? List.of(WeightType.BF16) : types;
      its.forEach(type -> subjects.add(new Subject.Shape(shape, type)));
    }
    return subjects;
  }

  /** A path that is there as it stands is no list, whatever commas it has. */
  private List<Path> paths() {
    return models.stream()
        .flatMap(path ->
            Files.exists(path)
                ? Stream.of(path)
                : Arrays.stream(path.toString().split(",")).map(Path::of))
        .toList();
  }
}
