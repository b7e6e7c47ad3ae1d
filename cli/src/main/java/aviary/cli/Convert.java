package aviary.cli;

import aviary.InputException;
import aviary.model.Model;
import aviary.model.ModelConversion;
import aviary.model.ModelFiles;
import aviary.model.WeightType;
import aviary.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code aviary convert}. */
@Command(
    name = "convert",
    sortOptions = false,
    description = {
      "Writes a model as one safetensors file, if wanted with weights of another type.",
      "Tensors get the names of the original checkpoints. Small ones stay in their type unless"
          + " that becomes f32: vectors always, and Finch's low-rank matrices in q8_0. A weight that"
          + " the type cannot hold is refused."
    },
    footer = {
      "",
      "Example:",
      "  aviary convert RWKV-x060-World-1B6.pth finch-1b6.safetensors --dtype q8_0"
    })
final class Convert implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description =
          "The model: a .safetensors or .pth file, an index of shards, or a folder that holds one"
              + " model.")
  private Path in;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      converter = OutputFile.class,
      description = "The safetensors file to write; it may be IN.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      converter = WeightTypeName.class,
      description =
          "What the weights become: f32, f16, bf16 or q8_0. Without it they stay as they are.")
  private WeightType type;

  @Override
  public Integer call() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      Model model = ModelFiles.open(in, arena);
      OutputFile.Earlier earlier = OutputFile.earlier(out);
      List<Entry> entries =
          type == null
              ? model.tensors().values().stream().map(Entry::of).toList()
              : ModelConversion.entries(model, type);
      write(model, entries);
      earlier.tellReplaced(main.err());
    }
    return 0;
  }

  private void write(Model model, List<Entry> entries) throws IOException {
    try {
      new ModelOutput(main.err(), out).write(model.metadata(), entries);
    } catch (InputException e) {
      // A weight that the type cannot hold: of which tensor it is told, but not of which file.
      throw new InputException(in + ": " + e.getMessage(), e);
    }
  }
}
