package aviary.bench;

import aviary.model.Inventory;
import aviary.model.Inventory.Role;
import aviary.model.Model;
import aviary.model.ModelConfig;
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
 * A model whose layers are one operation, and what a pass through it takes at least.
 *
 * @param model the model
 * @param dtype the type of its matrices; F32 where the operation has none that the type is for
 * @param fixedBytes of weights and of states that a pass reads or writes, however many rows it has
 * @param rowBytes of a row of activations that comes into a layer and one that goes out, in all
 *     layers
 * @param rowFlops floating-point operations of matrices and of wkv for a row, in all layers
 */
public record OperationModel(
    Model model, WeightType dtype, double fixedBytes, double rowBytes, double rowFlops) {

  private static final int VOCABULARY = 64;

  /** In F32, where an operation has matrices: more than a processor's cache in any type. */
  private static final long WEIGHTS = 256L << 20;

  private static final int LEAST_LAYERS = 2;
  private static final int MOST_LAYERS = 64;

  /** Random numbers that fill all tensors, again and again. */
  private static final int PATTERN = 1 << 20;

  /** Multiplications and additions of wkv for each number of a state. */
  private static final double WKV_FLOPS = 7;

  /**
   * A model of random weights.
   *
   * @param like the shapes; only their layers and vocabulary become others
   * @param type the type of matrices
   * @param arena where the tensors go
   */
  public static OperationModel of(
      Operation operation, ModelConfig like, WeightType type, Arena arena) {
    ModelConfig one = with(like, 1);
    long floats = elements(one, operation.program(one), Role.MATRIX);
    long fitting = floats == 0 ? MOST_LAYERS : WEIGHTS / (floats * Float.BYTES);
    return of(operation, like, Math.clamp(fitting, LEAST_LAYERS, MOST_LAYERS), type, arena);
  }

  /** The same with so many layers. */
  static OperationModel of(
      Operation operation, ModelConfig like, int layers, WeightType type, Arena arena) {
    ModelConfig config = with(like, layers);
    Program program = operation.program(config);
    WeightType its = typeOf(operation, like, type);
    Model model = random(config, program, its, arena);
    double weights =
        model.tensors().values().stream()
            .filter(tensor -> tensor.name().startsWith("blocks."))
            .mapToDouble(tensor -> tensor.data().byteSize())
            .sum();
    long matrices =
        elements(config, program, Role.MATRIX) + elements(config, program, Role.LOW_RANK);
    double flops = 2.0 * matrices;
    double state = 0;
    if (operation == Operation.WKV5 || operation == Operation.WKV6) {
      double numbers = (double) config.width() * config.headSize();
      flops += WKV_FLOPS * numbers;
      state = 2 * Float.BYTES * numbers;
    }
    return new OperationModel(
        model,
        its,
        weights + layers * state,
        2.0 * Float.BYTES * config.width() * layers,
        flops * layers);
  }

  /** The type, or F32 where the operation has no matrices that can be in it. */
  static WeightType typeOf(Operation operation, ModelConfig like, WeightType type) {
    ModelConfig one = with(like, 1);
    Program layer = operation.program(one);
    boolean lowRank = elements(one, layer, Role.LOW_RANK) > 0;
    return elements(one, layer, Role.MATRIX) > 0 || lowRank && type != WeightType.Q8_0
        ? type
        : WeightType.F32;
  }

  /** Bytes that a pass with so many rows has to move at least. */
  public double bytes(int rows) {
    return fixedBytes + rowBytes * rows;
  }

  /** Floating-point operations of a pass with so many rows. */
  public double flops(int rows) {
    return rowFlops * rows;
  }

  private static ModelConfig with(ModelConfig like, int layers) {
    return new ModelConfig(
        like.architecture(),
        layers,
        like.width(),
        like.heads(),
        like.headSize(),
        like.feedForward(),
        VOCABULARY,
        like.mixRank(),
        like.decayRank(),
        like.headSizeDivisor(),
        like.gated(),
        like.decay());
  }

  /** The elements of a layer's tensors of a role. */
  private static long elements(ModelConfig config, Program program, Role role) {
    List<Inventory.Item> items = Inventory.of(config, program).layer();
    return items.stream()
        .filter(item -> item.role() == role)
        .mapToLong(Inventory.Item::elements)
        .sum();
  }

  private static Model random(ModelConfig config, Program program, WeightType type, Arena arena) {
    float[] pattern = new float[PATTERN];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < PATTERN; i++) {
      pattern[i] = (float) (2 * random.nextDouble() - 1);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Inventory.of(config, program)
        .all()
        .forEach(item -> tensors.put(item.name(), tensor(item, config.width(), pattern, arena)));
    Model floats = new Model(config, program, tensors, Map.of());
    return ModelConversion.convert(floats, type, arena);
  }

  /** Matrices neither shrink nor grow what goes through them. */
  private static Tensor tensor(Inventory.Item item, int width, float[] pattern, Arena arena) {
    double size = item.role() == Role.VECTOR ? 0.5 : Math.sqrt(3.0 / width);
    float[] scaled = new float[(int) Math.min(pattern.length, item.elements())];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (pattern[i] * size);
    }
    MemorySegment data = arena.allocate(item.elements() * Float.BYTES, 64);
    for (long at = 0; at < item.elements(); at += scaled.length) {
      int count = (int) Math.min(scaled.length, item.elements() - at);
      MemorySegment.copy(scaled, 0, data, ValueLayout.JAVA_FLOAT, at * Float.BYTES, count);
    }
    return new Tensor(item.name(), DType.F32, item.shape(), data);
  }
}
