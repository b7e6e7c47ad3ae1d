package aviary.bench;

import aviary.InputException;
import aviary.model.InitialWeights;
import aviary.model.Inventory;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConversion;
import aviary.model.ModelFiles;
import aviary.model.PublishedShapes;
import aviary.model.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A model to measure, which is opened when its turn comes. */
public sealed interface Subject {

  /** What results call it. */
  String name();

  /** What its weights are to be in; null for what they are. */
  WeightType type();

  /**
   * Checks that it can be opened, before anything is measured.
   *
   * @return what it is
   * @throws InputException if it cannot be used, or does not fit this machine's memory
   */
  Kind check() throws IOException;

  /**
   * Opens it.
   *
   * @param arena where its tensors go
   * @throws InputException if it cannot be used
   */
  Model open(Arena arena) throws IOException;

  /**
   * What a subject is.
   *
   * @param config its shapes
   * @param type the type of most weights
   */
  record Kind(ModelConfig config, WeightType type) {

    /**
     * Refuses more sequences side by side than the JVM's heap has room for: their states, and a row
     * of logits of each.
     *
     * @param name what results call the subject
     * @param heap the most that the heap can have, in bytes
     * @throws InputException if they do not fit; both numbers are named
     */
    void requireStatesFit(String name, int sequences, long heap) {
      long matrices = (long) config.heads() * config.headSize() * config.headSize();
      long state = config.layers() * (2L * config.width() + matrices);
      long needed = sequences * (state + config.vocabulary()) * Float.BYTES;
      if (needed > heap) {
        throw new InputException(
            ("--batch-size %d: the states and logits of so many sequences of %s take %d MiB, and the"
                    + " JVM's heap can have %d MiB; with -Xmx it can have more, if the machine does")
                .formatted(sequences, name, needed >> 20, heap >> 20));
      }
    }
  }

  /**
   * A model's file or folder.
   *
   * @param type what its weights are converted to; null for what they are
   */
  record File(Path path, WeightType type) implements Subject {
    @Override
    public String name() {
      return path.toAbsolutePath().normalize().getFileName().toString();
    }

    @Override
    public Kind check() throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        Model model = ModelFiles.open(path, arena);
        return new Kind(model.config(), type != null ? type : Weights.of(model).type());
      }
    }

    @Override
    public Model open(Arena arena) throws IOException {
      Model stored = ModelFiles.open(path, arena);
      try {
        return type == null ? stored : ModelConversion.convert(stored, type, arena);
      } catch (InputException e) {
        throw new InputException(path + ": " + e.getMessage(), e);
      }
    }
  }

  /** Random weights of a published model's shape. */
  record Shape(String shape, WeightType type) implements Subject {

    /**
     * Checks the name.
     *
     * @throws InputException if no published model has it
     */
    public Shape {
      PublishedShapes.find(shape);
    }

    @Override
    public String name() {
      return shape;
    }

    @Override
    public Kind check() {
      ModelConfig config = PublishedShapes.find(shape).config();
      requireFits(shape, type, config, Memory.all());
      return new Kind(config, type);
    }

    /**
     * Refuses what the memory does not hold.
     *
     * @param there the memory, in bytes
     */
    static void requireFits(String shape, WeightType type, ModelConfig config, long there) {
      long needed = bytes(config, type);
      if (needed > there) {
        throw new InputException(
            "--shape %s: its weights take %d MiB in %s, and this machine has %d MiB of memory"
                .formatted(shape, needed >> 20, Weights.name(type), there >> 20));
      }
    }

    @Override
    public Model open(Arena arena) {
      return new InitialWeights(PublishedShapes.find(shape).config(), 1).model(type, arena);
    }

    private static long bytes(ModelConfig config, WeightType type) {
      double each =
          switch (type) {
            case F32 -> 4;
            case F16, BF16 -> 2;
            // A byte, and a scale for 32 of them.
            case Q8_0 -> 1.0625;
          };
      return (long) (Inventory.of(config).parameters() * each);
    }
  }
}
