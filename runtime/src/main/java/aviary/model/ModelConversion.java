package aviary.model;

import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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

  /** Blocks in a piece of work: a megabyte of floats. */
  private static final long PIECE = 1 << 13;

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
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<Runnable> pieces = new ArrayList<>();
    for (Step step : steps(model, type)) {
      switch (step) {
        case Keep(Tensor tensor) -> tensors.put(tensor.name(), tensor);
        case Convert(TensorConversion conversion) -> {
          List<Tensor> made = conversion.allocate(arena);
          made.forEach(tensor -> tensors.put(tensor.name(), tensor));
          pieces.addAll(pieces(conversion, made.getFirst().data(), made.getLast().data()));
        }
      }
    }
    pieces.parallelStream().forEach(Runnable::run);
    return new Model(model.config(), Collections.unmodifiableMap(tensors), model.metadata());
  }

  private static List<Runnable> pieces(
      TensorConversion conversion, MemorySegment weights, MemorySegment scales) {
    BlockGrid grid = conversion.grid();
    List<Runnable> pieces = new ArrayList<>();
    for (long first = 0; first < grid.blocks(); first += PIECE) {
      long from = first;
      long to = Math.min(first + PIECE, grid.blocks());
      MemorySegment itsWeights =
          weights.asSlice(grid.start(from) * conversion.type().dtype().bytes());
      MemorySegment itsScales = conversion.quantizes() ? scales.asSlice(from * 2) : null;
      pieces.add(() -> conversion.run(from, to, itsWeights, itsScales));
    }
    return pieces;
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
        case Convert(TensorConversion conversion) ->
            entries.addAll(ConversionPayload.entries(conversion));
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
    Inventory.of(model.config()).all().forEach(item -> roles.put(item.name(), item.role()));
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
        steps.add(new Convert(new TensorConversion(tensor, scale, type)));
      }
    }
    return steps;
  }

  private static boolean converts(Role role, WeightType type) {
    return switch (role) {
      case MATRIX -> true;
      case LOW_RANK -> type != WeightType.Q8_0;
      case VECTOR -> type == WeightType.F32;
    };
  }
}
