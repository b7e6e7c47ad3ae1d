package aviary.cli;

import aviary.engine.StateData;
import aviary.model.Checkpoint;
import aviary.model.Inventory;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelFiles;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.core.JsonGenerator;

/** {@code aviary inspect}. */
@Command(
    name = "inspect",
    sortOptions = false,
    customSynopsis = "aviary inspect [OPTIONS] [MODEL]",
    description = "Tells what a model is made of; its weights are not read.",
    footer = {"", "Example:", "  aviary inspect --tensors model.safetensors"})
final class Inspect implements Callable<Integer> {
  @ParentCommand private Main main;

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private Named named = new Named();

  /** Which model. */
  private static final class Named {
    @Parameters(
        index = "0",
        paramLabel = "MODEL",
        description = {
          "A .safetensors or .pth file, an index of shards, or a folder that holds one model.",
          "Without it, a small model that aviary comes with."
        })
    private Path positional;

    @Option(
        names = {"-m", "--model"},
        paramLabel = "MODEL",
        description = "The same as MODEL.")
    private Path path;
  }

  @Option(names = "--tensors", description = "Also list the tensors.")
  private boolean tensors;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  /** The weights of one type. */
  private record Share(int tensors, long bytes) {
    Share plus(Share other) {
      return new Share(tensors + other.tensors, bytes + other.bytes);
    }
  }

  @Override
  public Integer call() throws IOException {
    Path path = named.positional != null ? named.positional : named.path;
    boolean shipped = path == null;
    if (shipped) {
      path = ShippedModel.STORY.path();
    }
    try (Arena arena = Arena.ofConfined()) {
      Checkpoint checkpoint = Checkpoint.open(path, arena);
      Model model = ModelFiles.of(checkpoint);
      Map<Path, Long> files = new LinkedHashMap<>();
      for (Path file : checkpoint.files()) {
        files.put(file, Files.size(file));
      }
      if (shipped) {
        ShippedModel.STORY.announce(main.err());
      }
      if (json) {
        Json.printObject(main.out(), object -> write(object, model, files));
      } else {
        print(model, files);
      }
    }
    return 0;
  }

  private void print(Model model, Map<Path, Long> files) {
    ModelConfig config = model.config();
    row("architecture", config.title() + (config.gated() ? "" : ", without a gate"));
    row("layers", config.layers());
    row("width", config.width());
    row("heads", config.heads() + " of " + config.headSize());
    row("feed-forward", config.feedForward());
    row("vocabulary", config.vocabulary());
    if (config.mixRank() > 0) {
      row("low ranks", config.mixRank() + " (mix), " + config.decayRank() + " (decay)");
    }
    row("head_size_divisor", config.headSizeDivisor());
    row("parameters", String.format(Locale.ROOT, "%,d", Inventory.of(config).parameters()));
    types(model)
        .forEach((type, share) ->
            row(
                "weights",
                type + ": " + Sizes.shown(share.bytes()) + " in " + share.tensors() + " tensors"));
    row(
        "state",
        Sizes.shown(Float.BYTES * config.stateElements())
            + " a sequence"
            + (isTuned(model) ? ", with a tuned initial state" : ""));
    files.forEach((file, bytes) -> row("file", file + ", " + Sizes.shown(bytes)));
    if (tensors) {
      model.tensors().values().forEach(main.out()::println);
    }
  }

  private void row(String name, Object value) {
    main.out().printf(Locale.ROOT, "%-18s %s%n", name, value);
  }

  private void write(JsonGenerator json, Model model, Map<Path, Long> files) {
    ModelConfig config = model.config();
    json.writeStringProperty("architecture", config.title());
    json.writeNumberProperty("layers", config.layers());
    json.writeNumberProperty("width", config.width());
    json.writeNumberProperty("heads", config.heads());
    json.writeNumberProperty("head_size", config.headSize());
    json.writeNumberProperty("feed_forward", config.feedForward());
    json.writeNumberProperty("vocabulary", config.vocabulary());
    json.writeNumberProperty("mix_rank", config.mixRank());
    json.writeNumberProperty("decay_rank", config.decayRank());
    json.writeBooleanProperty("gated", config.gated());
    json.writeNumberProperty("head_size_divisor", config.headSizeDivisor());
    json.writeNumberProperty("parameters", Inventory.of(config).parameters());
    json.writeObjectPropertyStart("weights");
    types(model)
        .forEach((type, share) -> {
          json.writeObjectPropertyStart(type);
          json.writeNumberProperty("tensors", share.tensors());
          json.writeNumberProperty("bytes", share.bytes());
          json.writeEndObject();
        });
    json.writeEndObject();
    json.writeNumberProperty("state_bytes", Float.BYTES * config.stateElements());
    json.writeBooleanProperty("tuned_initial_state", isTuned(model));
    json.writeArrayPropertyStart("files");
    files.forEach((file, bytes) -> {
      json.writeStartObject();
      json.writeStringProperty("path", file.toString());
      json.writeNumberProperty("bytes", bytes);
      json.writeEndObject();
    });
    json.writeEndArray();
    json.writeObjectPropertyStart("metadata");
    new TreeMap<>(model.metadata()).forEach(json::writeStringProperty);
    json.writeEndObject();
    if (tensors) {
      json.writeArrayPropertyStart("tensors");
      model.tensors().values().forEach(tensor -> write(json, tensor));
      json.writeEndArray();
    }
  }

  private static void write(JsonGenerator json, Tensor tensor) {
    json.writeStartObject();
    json.writeStringProperty("name", tensor.name());
    json.writeStringProperty("dtype", tensor.dtype().name());
    json.writeName("shape");
    json.writeArray(tensor.shape(), 0, tensor.shape().length);
    json.writeEndObject();
  }

  /** What each type takes, where Q8_0 is its integers and their scales. */
  private static Map<String, Share> types(Model model) {
    Map<String, Share> types = new TreeMap<>();
    for (Tensor tensor : model.tensors().values()) {
      boolean quantized = tensor.dtype() == DType.I8 || tensor.name().endsWith(".scale");
      types.merge(
          quantized ? WeightType.Q8_0.name() : tensor.dtype().name(),
          new Share(1, tensor.data().byteSize()),
          Share::plus);
    }
    return types;
  }

  private static boolean isTuned(Model model) {
    return model.tensors().containsKey(StateData.timeStateName(0));
  }
}
