package aviary.model;

import aviary.InputException;
import aviary.engine.StateData;
import aviary.model.Inventory.Item;
import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes a model of a checkpoint: checks that all its tensors are there, of the right type and
 * shape, and gives them the names and shapes of the original checkpoints. Tensors that the model
 * does not use are left out.
 */
final class ModelReader {

  /** No tensor of ours has a longer name, and to match patterns with a hostile one takes long. */
  private static final int LONGEST_NAME = 250;

  private static final Set<DType> MATRIX_TYPES = EnumSet.of(DType.F32, DType.F16, DType.BF16);

  private static final Set<DType> VECTOR_TYPES =
      EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.F64);

  private static final Pattern STATE =
      Pattern.compile("state\\.wkv|blocks\\.\\d+\\.att\\.time_state");

  private final Path path;

  /** The checkpoint's tensors by their canonical names. */
  private final Map<String, Tensor> tensors;

  /** What its tensors are that cannot be used, by their canonical names. */
  private final Map<String, String> unusable = new HashMap<>();

  /** The tensors of the model. */
  private final Map<String, Tensor> fitted = new HashMap<>();

  ModelReader(Checkpoint checkpoint) {
    path = checkpoint.path();
    ConvertedForStrategy.recognize(checkpoint)
        .ifPresent(what -> {
          throw refuse("%s", what);
        });
    tensors = WebRwkvNames.original(path, canonical(checkpoint.path(), checkpoint.tensors()));
    checkpoint
        .unusable()
        .forEach((name, what) -> {
          if (name.length() <= LONGEST_NAME) {
            unusable.put(TensorNames.canonical(name), what);
          }
        });
  }

  /**
   * Tensors by their canonical names; those with names longer than any of a model are left out.
   *
   * @param path the file, for messages
   * @throws InputException if two have one canonical name
   */
  static Map<String, Tensor> canonical(Path path, Map<String, Tensor> tensors) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (Tensor tensor : tensors.values()) {
      if (tensor.name().length() <= LONGEST_NAME) {
        String name = TensorNames.canonical(tensor.name());
        if (named.put(name, tensor.renamed(name)) != null) {
          throw new InputException(path + ": has " + TensorNames.shown(name) + " under two names");
        }
      }
    }
    return named;
  }

  /**
   * The model.
   *
   * @param headSizeDivisor what the training code divided by before the group norm
   * @throws InputException if it is another model, or tensors are missing or wrong
   */
  Model read(float headSizeDivisor) {
    requireModel();
    ModelConfig config = new ConfigInference(path, tensors).infer(headSizeDivisor);
    Inventory inventory = Inventory.of(config);
    requireAll(config, inventory);
    inventory.all().forEach(item -> fit(item, config));
    fitTimeStates(config);
    if (config.stateElements() > Integer.MAX_VALUE) {
      throw refuse("its state has %d numbers, more than can be held", config.stateElements());
    }
    Map<String, Tensor> inOrder = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      Tensor tensor = fitted.get(name);
      if (tensor != null) {
        inOrder.put(name, tensor);
      }
    }
    return new Model(config, Collections.unmodifiableMap(inOrder));
  }

  private void requireModel() {
    OtherModels.recognize(tensors.keySet())
        .ifPresent(other -> {
          throw refuse("is not an RWKV-5 or RWKV-6 model: it looks like %s", other);
        });
    if (!tensors.isEmpty() && tensors.keySet().stream().allMatch(STATE.asMatchPredicate())
        || tensors.containsKey("state.wkv")) {
      throw refuse("holds a state, not a model: give it to --state-in beside its model");
    }
    Adapters.recognize(tensors.keySet())
        .ifPresent(what -> {
          throw refuse("%s", Adapters.refusal(what));
        });
  }

  private void requireAll(ModelConfig config, Inventory inventory) {
    long present = inventory.all().filter(item -> tensors.containsKey(item.name())).count();
    if (present < inventory.count()) {
      String first =
          inventory
              .all()
              .map(Item::name)
              .filter(name -> !tensors.containsKey(name))
              .findFirst()
              .orElseThrow();
      if (unusable.containsKey(first)) {
        throw refuse(
            "tensor %s is %s, wanted a dense one of F32, F16 or BF16: save it as that",
            first, unusable.get(first));
      }
      throw refuse(
          "lacks %d of the %d tensors of an %s model with %d layers, the first is %s",
          inventory.count() - present, inventory.count(), config.title(), config.layers(), first);
    }
  }

  private void fit(Item item, ModelConfig config) {
    Tensor tensor = tensors.get(item.name());
    if (!fits(tensor.shape(), item, config)) {
      throw wrongShape(tensor, item.shape());
    }
    boolean quantized = item.role() == Role.MATRIX && tensor.dtype() == DType.I8;
    Set<DType> types = item.role() == Role.VECTOR ? VECTOR_TYPES : MATRIX_TYPES;
    if (!quantized && !types.contains(tensor.dtype())) {
      throw wrongType(tensor, types);
    }
    fitted.put(item.name(), new Tensor(item.name(), tensor.dtype(), item.shape(), tensor.data()));
    if (quantized) {
      fitScale(item);
    }
  }

  private void fitScale(Item matrix) {
    String name = Q8_0.scaleName(matrix.name());
    Tensor scale = tensors.get(name);
    if (scale == null) {
      throw refuse("lacks %s, the scales of the I8 weights %s", name, matrix.name());
    }
    long[] wanted = {matrix.shape()[0], Q8_0.blocks(matrix.shape()[1])};
    if (!Arrays.equals(scale.shape(), wanted)) {
      throw wrongShape(scale, wanted);
    }
    if (scale.dtype() != DType.F16) {
      throw wrongType(scale, EnumSet.of(DType.F16));
    }
    fitted.put(name, scale);
  }

  private void fitTimeStates(ModelConfig config) {
    long[] wanted = {config.heads(), config.headSize(), config.headSize()};
    if (tensors.keySet().stream().noneMatch(name -> name.endsWith(".att.time_state"))) {
      return;
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      String name = StateData.timeStateName(layer);
      Tensor tensor = tensors.get(name);
      if (tensor == null) {
        throw refuse("has no %s, though other layers have a time_state", name);
      }
      if (!Arrays.equals(tensor.shape(), wanted)) {
        throw wrongShape(tensor, wanted);
      }
      if (!VECTOR_TYPES.contains(tensor.dtype())) {
        throw wrongType(tensor, VECTOR_TYPES);
      }
      fitted.put(name, tensor);
    }
  }

  /**
   * Matrices must be as they are used. Vectors are written with or without dimensions of one, and
   * those of the heads' channels flat or as [H, N], which is the same numbers in the same order.
   */
  private static boolean fits(long[] found, Item item, ModelConfig config) {
    if (item.role() != Role.VECTOR) {
      return Arrays.equals(found, item.shape());
    }
    long[] sides = sides(found);
    boolean ofChannels = product(item.shape()) == config.width();
    return Arrays.equals(sides, sides(item.shape()))
        || ofChannels && Arrays.equals(sides, sides(config.width()))
        || ofChannels && Arrays.equals(sides, sides(config.heads(), config.headSize()));
  }

  private static long[] sides(long... shape) {
    return Arrays.stream(shape).filter(side -> side != 1).toArray();
  }

  private static long product(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  private InputException wrongShape(Tensor tensor, long[] wanted) {
    return refuse(
        "tensor %s has shape %s, wanted %s",
        tensor.name(), Arrays.toString(tensor.shape()), Arrays.toString(wanted));
  }

  private InputException wrongType(Tensor tensor, Set<DType> wanted) {
    return refuse("tensor %s has type %s, wanted one of %s", tensor.name(), tensor.dtype(), wanted);
  }

  private InputException refuse(String format, Object... arguments) {
    return new InputException(path + ": " + format.formatted(arguments));
  }
}
