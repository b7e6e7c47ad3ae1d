package aviary.cli;

import aviary.model.InitialWeights;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.model.PublishedShapes;
import aviary.model.WeightType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code aviary init}. */
@Command(
    name = "init",
    sortOptions = false,
    description = {
      "Writes a model of random weights: a start for training, or for benchmarks of any shape.",
      "The weights are those that RWKV-LM begins with. The same seed gives the same ones, rounded"
          + " to the type; vectors are in f32."
    },
    footer = {
      "",
      "Examples:",
      "  aviary init --shape finch-0.4b --dtype bf16 random.safetensors",
      "  aviary init --arch eagle --layers 4 --width 64 --vocab-size 256 e.safetensors"
    })
final class Init implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "OUT",
      converter = OutputFile.class,
      description = "The safetensors file to write.")
  private Path out;

  @Option(
      names = "--shape",
      paramLabel = "NAME",
      converter = Shape.class,
      completionCandidates = ShapeNames.class,
      description = {
        "Take what other options leave open from a published model:",
        "${COMPLETION-CANDIDATES}."
      })
  private ModelShape shape;

  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      converter = ArchitectureName.class,
      description = "The architecture: finch or eagle.")
  private Architecture architecture;

  @Option(names = "--layers", paramLabel = "N", description = "The number of layers.")
  private Integer layers;

  @Option(names = "--width", paramLabel = "N", description = "The width of the model.")
  private Integer width;

  @Option(names = "--vocab-size", paramLabel = "N", description = "The number of token ids.")
  private Integer vocabulary;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      description = "The width of a head, a divisor of the model's (default: 64).")
  private Integer headSize;

  @Option(
      names = "--feed-forward",
      paramLabel = "N",
      description = "The width of the channel mix (default: 3.5 times the model's).")
  private Integer feedForward;

  @Option(
      names = "--mix-rank",
      paramLabel = "N",
      description = "Finch: the rank of the token mix (default: 32; from width 4096 on 64).")
  private Integer mixRank;

  @Option(
      names = "--decay-rank",
      paramLabel = "N",
      description = "Finch: the rank of the decay (default: 64; from width 4096 on 128).")
  private Integer decayRank;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      converter = WeightTypeName.class,
      defaultValue = "bf16",
      description = "The type of the weights: f32, f16, bf16 or q8_0 (default: ${DEFAULT-VALUE}).")
  private WeightType type;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which of all random weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    ModelShape chosen =
        new ModelShape(
            architecture, layers, width, vocabulary, headSize, feedForward, mixRank, decayRank);
    ModelShape whole = shape == null ? chosen : chosen.or(shape);
    OutputFile.Earlier earlier = OutputFile.earlier(out);
    InitialWeights weights = new InitialWeights(whole.config(), seed);
    new ModelOutput(main.err(), out).write(weights.metadata(), weights.entries(type));
    earlier.tellReplaced(main.err());
    return 0;
  }

  private static final class Shape implements ITypeConverter<ModelShape> {
    @Override
    public ModelShape convert(String name) {
      return PublishedShapes.find(name);
    }
  }

  private static final class ShapeNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return PublishedShapes.names().iterator();
    }
  }
}
