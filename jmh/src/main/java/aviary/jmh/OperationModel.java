package aviary.jmh;

import aviary.model.Inventory;
import aviary.model.Inventory.Role;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.ModelConversion;
import aviary.model.Program;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A model whose layers are one operation, and what that operation costs.
 *
 * @param model the model
 * @param bytes of weights that all layers read for a pass
 * @param operations in F32 of all layers for a token: two for each product and sum
 */
record OperationModel(Model model, long bytes, double operations) {
  private static final int VOCABULARY = 64;
  private static final int HEAD_SIZE = 64;

  /** More than any processor's cache, where an operation has matrices. */
  private static final long WEIGHTS = 256L << 20;

  private static final int LEAST_LAYERS = 8;
  private static final int MOST_LAYERS = 64;

  /** A model of random weights. */
  static OperationModel of(Operation operation, int width, WeightType type, Arena arena) {
    ModelConfig one = config(width, 1);
    long floats = matrices(one, operation.program(one));
    long fitting = floats == 0 ? MOST_LAYERS : WEIGHTS / (floats * 4);
    ModelConfig config = config(width, Math.clamp(fitting, LEAST_LAYERS, MOST_LAYERS));
    Program program = operation.program(config);
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Inventory.of(config, program)
        .all()
        .forEach(item -> tensors.put(item.name(), tensor(item, width, random, arena)));
    Model floatsOnly = new Model(config, program, tensors, Map.of());
    Model model = ModelConversion.convert(floatsOnly, type, arena);
    long bytes =
        model.tensors().values().stream()
            .filter(tensor -> tensor.name().startsWith("blocks."))
            .mapToLong(tensor -> tensor.data().byteSize())
            .sum();
    double operations = 2.0 * floats * config.layers();
    if (operation == Operation.WKV5 || operation == Operation.WKV6) {
      // For each number of the state: two products and two sums to use it, two and one to change
      // it.
      operations += 7.0 * width * HEAD_SIZE * config.layers();
    }
    return new OperationModel(model, bytes, operations);
  }

  private static ModelConfig config(int width, int layers) {
    return new ModelConfig(
        Architecture.FINCH,
        layers,
        width,
        width / HEAD_SIZE,
        HEAD_SIZE,
        width * 7 / 2,
        VOCABULARY,
        32,
        64,
        8,
        true,
        DecayForm.PER_CHANNEL);
  }

  /** The elements of a layer's matrices. */
  private static long matrices(ModelConfig config, Program program) {
    List<Inventory.Item> items = Inventory.of(config, program).layer();
    return items.stream()
        .filter(item -> item.role() != Role.VECTOR)
        .mapToLong(Inventory.Item::elements)
        .sum();
  }

  /** Numbers that keep what goes through the layers finite: matrices neither shrink nor grow it. */
  private static Tensor tensor(
      Inventory.Item item, int width, SplittableRandom random, Arena arena) {
    MemorySegment data = arena.allocate(item.elements() * Float.BYTES, 64);
    double size = item.role() == Role.VECTOR ? 0.5 : Math.sqrt(3.0 / width);
    for (long i = 0; i < item.elements(); i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) ((2 * random.nextDouble() - 1) * size));
    }
    return new Tensor(item.name(), DType.F32, item.shape(), data);
  }
}
