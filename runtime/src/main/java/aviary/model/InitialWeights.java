package aviary.model;

import aviary.model.Inventory.Item;
import aviary.model.ModelConfig.DecayForm;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as it is before training: random weights of RWKV-LM's initial values. Every layer's
 * output is zero at first, and the head sees the embedding alone.
 *
 * <p>The numbers of a tensor depend on the seed, its name and its shape, and on nothing else. In
 * other types they are the same, rounded: matrices are in the type that is asked for, Finch's
 * low-rank matrices too unless that is Q8_0, and vectors in F32.
 *
 * @param config the shapes, of RWKV-5.2 or RWKV-6.0
 * @param seed which of all random weights
 */
public record InitialWeights(ModelConfig config, long seed) {

  /** Checks that initial values are known. */
  public InitialWeights {
    if (!config.gated() || !config.decay().equals(DecayForm.PER_CHANNEL)) {
      throw new IllegalArgumentException("no initial values are known for " + config.title());
    }
  }

  /**
   * The model in memory, in F32.
   *
   * @param arena where the tensors go; open to all threads, as a shared arena is
   */
  public Model model(Arena arena) {
    return model(WeightType.F32, arena);
  }

  /**
   * The model in memory.
   *
   * @param type the type of the matrices
   * @param arena where the tensors go; open to all threads, as a shared arena is
   */
  public Model model(WeightType type, Arena arena) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    TensorConversion.make(conversions(type), arena)
        .forEach(made -> made.forEach(tensor -> tensors.put(tensor.name(), tensor)));
    return new Model(config, Collections.unmodifiableMap(tensors), metadata());
  }

  /**
   * The model for a file, each tensor made when it is written, a few megabytes at a time.
   *
   * @param type the type of the matrices
   */
  public List<Entry> entries(WeightType type) {
    return conversions(type).stream().flatMap(made -> made.entries().stream()).toList();
  }

  /** The strings beside the tensors. */
  public Map<String, String> metadata() {
    BigDecimal divisor = new BigDecimal(Float.toString(config.headSizeDivisor()));
    return Map.of(HeadSizeDivisor.KEY, divisor.stripTrailingZeros().toPlainString());
  }

  private List<TensorConversion> conversions(WeightType type) {
    Inventory inventory = Inventory.of(config);
    List<TensorConversion> conversions = new ArrayList<>();
    InitialValues outside = new InitialValues(config, 0);
    inventory.start().forEach(item -> conversions.add(conversion(item, item, outside, type)));
    for (int layer = 0; layer < config.layers(); layer++) {
      InitialValues values = new InitialValues(config, layer);
      for (Item item : inventory.layer()) {
        conversions.add(conversion(item, item.inLayer(layer), values, type));
      }
    }
    inventory.end().forEach(item -> conversions.add(conversion(item, item, outside, type)));
    return conversions;
  }

  private TensorConversion conversion(
      Item item, Item named, InitialValues values, WeightType type) {
    WeightSource numbers = values.of(item, RandomNumbers.of(seed, named.name()));
    WeightType its = ModelConversion.converts(item.role(), type) ? type : WeightType.F32;
    return new TensorConversion(named.name(), item.shape(), numbers, its);
  }
}
