package aviary.model;

import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The same model with weights of another type.
 *
 * <ul>
 *   <li>Matrices (the embedding and the head too) get the type.
 *   <li>Finch's low-rank matrices get it, unless it is Q8_0: they stay as they are then.
 *   <li>Vectors and initial states stay as they are, since they are few and their errors weigh
 *       more; only F32 makes all of a model F32.
 * </ul>
 *
 * <p>F16 and BF16 are rounded to the nearest, of two to the even one; NaN and infinity stay what
 * they are. In {@link Q8_0} a block's scale is the nearest F16 to 1/127 of the block's greatest
 * magnitude, and a weight the nearest multiple of that scale. What is in the type already is passed
 * on untouched. Work is spread over all cores; the bytes do not depend on how.
 */
public final class ModelConversion {

  private ModelConversion() {}

  /**
   * Converts a model in memory.
   *
   * @param model the model; its tensors must be open to all threads, as those of a shared arena are
   * @param type what its matrices become
   * @param arena where new tensors go; also open to all threads. Tensors that stay as they are
   *     remain where they were
   * @throws aviary.InputException if a weight is too large for F16 or BF16, or too large or no
   *     number for Q8_0: one line that names the tensor and the weight
   */
  public static Model convert(Model model, WeightType type, Arena arena) {
    List<Step> steps = steps(model, type);
    List<TensorConversion> conversions = new ArrayList<>();
    for (Step step : steps) {
      if (step instanceof Convert(TensorConversion conversion)) {
        conversions.add(conversion);
      }
    }
    Iterator<List<Tensor>> made = TensorConversion.make(conversions, arena).iterator();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Step step : steps) {
      switch (step) {
        case Keep(Tensor tensor) -> tensors.put(tensor.name(), tensor);
        case Convert _ -> made.next().forEach(tensor -> tensors.put(tensor.name(), tensor));
      }
    }
    return new Model(
        model.config(), model.program(), Collections.unmodifiableMap(tensors), model.metadata());
  }

  /**
   * The tensors of the converted model for a file, each converted when it is written, a few
   * megabytes at a time; so a model may be larger than memory.
   *
   * @param model the model; its tensors must be open to all threads and live until all is written
   * @param type what its matrices become
   * @return the tensors, in the model's order; writing them throws what {@link #convert} does
   */
  public static List<Entry> entries(Model model, WeightType type) {
    List<Entry> entries = new ArrayList<>();
    for (Step step : steps(model, type)) {
      switch (step) {
        case Keep(Tensor tensor) -> entries.add(Entry.of(tensor));
        case Convert(TensorConversion conversion) -> entries.addAll(conversion.entries());
      }
    }
    return entries;
  }

  /** What becomes of a tensor. */
  private sealed interface Step {}

  private record Keep(Tensor tensor) implements Step {}

  private record Convert(TensorConversion conversion) implements Step {}

  private static List<Step> steps(Model model, WeightType type) {
    Map<String, Role> roles = new HashMap<>();
    Inventory.of(model.config(), model.program())
        .all()
        .forEach(item -> roles.put(item.name(), item.role()));
    Set<String> scales =
        model.tensors().values().stream()
            .filter(tensor -> tensor.dtype() == DType.I8)
            .map(tensor -> Q8_0.scaleName(tensor.name()))
            .collect(Collectors.toSet());
    List<Step> steps = new ArrayList<>();
    for (Tensor tensor : model.tensors().values()) {
      // What no operation uses, such as an initial state, is treated like a vector.
      Role role = roles.getOrDefault(tensor.name(), Role.VECTOR);
      if (scales.contains(tensor.name())) {
        if (type == WeightType.Q8_0) {
          steps.add(new Keep(tensor));
        }
      } else if (tensor.dtype() == type.dtype() || !converts(role, type)) {
        steps.add(new Keep(tensor));
      } else {
        Tensor scale =
            tensor.dtype() == DType.I8 ? model.tensor(Q8_0.scaleName(tensor.name())) : null;
        WeightSource numbers = new StoredWeights(tensor, scale);
        steps.add(new Convert(new TensorConversion(tensor.name(), tensor.shape(), numbers, type)));
      }
    }
    return steps;
  }

  /** Whether tensors of a role get the type. */
  static boolean converts(Role role, WeightType type) {
    return switch (role) {
      case MATRIX -> true;
      case LOW_RANK -> type != WeightType.Q8_0;
      case VECTOR -> type == WeightType.F32;
    };
  }
}
