package aviary.model;

import aviary.InputException;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Undoes what the converters of web-rwkv and ai00 ({@code convert_safetensors.py}, {@code
 * web-rwkv-converter}) do to a checkpoint: they write F16, call {@code time_faaaa} {@code
 * time_first} and {@code time_maa} {@code time_mix}, and exchange the last two dimensions of the
 * low-rank matrices and of {@code time_state}. Their versions differ in what they exchange, so that
 * shapes decide; what shapes cannot tell is refused.
 */
final class WebRwkvNames {

  private static final Pattern FINCH =
      Pattern.compile("blocks\\.\\d+\\.att\\.time_mix_(x|w|w1|w2)");

  private static final Pattern EAGLES_BONUS = Pattern.compile("blocks\\.\\d+\\.att\\.time_first");

  private static final Pattern MIX =
      Pattern.compile("(blocks\\.\\d+\\.(?:att|ffn)\\.)time_mix_(\\w+)");

  private static final Pattern LAST_MIX = Pattern.compile("(blocks\\.\\d+\\.att\\.)time_maa_w1");

  private static final int LERPS = 5;

  /** How a layer's matrices of the data-dependent lerp are stored. */
  private enum Layout {
    /** w1 [D, 5 R], w2 [5, R, D], as in the original checkpoints. */
    ORIGINAL,
    /** w1 [5 R, D], w2 [5, D, R]. */
    EXCHANGED,
    /** w1 [5 R, D], w2 [R, 5, D]: the first converter exchanged the first two dimensions. */
    FIRST_EXCHANGED
  }

  private final Path path;
  private final Map<String, Tensor> tensors;
  private final Arena arena = Arena.ofAuto();

  private WebRwkvNames(Path path, Map<String, Tensor> tensors) {
    this.path = path;
    this.tensors = tensors;
  }

  /**
   * The tensors with the names and shapes of the original checkpoints.
   *
   * @param path the file, for messages
   * @param tensors its tensors by their canonical names
   * @return the same map if no converter wrote them
   * @throws InputException if it cannot be told how they are stored
   */
  static Map<String, Tensor> original(Path path, Map<String, Tensor> tensors) {
    WebRwkvNames names = new WebRwkvNames(path, tensors);
    names.refuseOneBonusAHead();
    return wrote(tensors) ? names.original() : tensors;
  }

  /**
   * RWKV-5.1 has one bonus a head, a {@code time_faaaa}, and a gate; the models before it have no
   * gate, and a {@code time_first} that is the bonus's logarithm.
   */
  private void refuseOneBonusAHead() {
    Tensor bonus = tensors.get("blocks.0.att.time_first");
    Tensor norm = tensors.get("blocks.0.att.ln_x.weight");
    if (bonus != null
        && norm != null
        && tensors.containsKey("blocks.0.att.gate.weight")
        && bonus.elements() < norm.elements()) {
      throw new InputException(
          "%s: has a gate and a %s of one number a head, of which it cannot be told whether it is a"
                  .formatted(path, bonus.name())
              + " logarithm: use the .pth that it was made from");
    }
  }

  /** Whether the names, which are canonical, are those that a converter gives. */
  static boolean wrote(Map<String, Tensor> tensors) {
    return isFinch(tensors.keySet()) || isEagle(tensors);
  }

  private static boolean isFinch(Collection<String> names) {
    return names.stream().anyMatch(FINCH.asMatchPredicate());
  }

  /**
   * RWKV-5.2 has a bonus for each channel, which in the original is {@code time_faaaa}; a {@code
   * time_first} of the original has one number a head.
   */
  private static boolean isEagle(Map<String, Tensor> tensors) {
    Tensor norm = tensors.get("blocks.0.att.ln_x.weight");
    return norm != null
        && tensors.values().stream()
            .anyMatch(tensor ->
                EAGLES_BONUS.matcher(tensor.name()).matches()
                    && tensor.shape().length == 2
                    && tensor.shape()[1] > 1
                    && tensor.elements() == norm.elements());
  }

  private Map<String, Tensor> original() {
    boolean finch = isFinch(tensors.keySet());
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    for (Tensor tensor : tensors.values()) {
      String name = tensor.name().replace(".att.time_first", ".att.time_faaaa");
      Matcher mix = MIX.matcher(name);
      name = finch && mix.matches() ? mix.group(1) + "time_maa_" + mix.group(2) : name;
      if (renamed.put(name, tensor.renamed(name)) != null) {
        throw new InputException(path + ": has " + TensorNames.shown(name) + " under two names");
      }
    }
    for (String name : List.copyOf(renamed.keySet())) {
      Matcher mix = LAST_MIX.matcher(name);
      if (mix.matches()) {
        restoreLayer(mix.group(1), renamed);
      }
      if (name.endsWith(".att.time_state") && renamed.get(name).shape().length == 3) {
        exchange(renamed, name, 0, 2, 1);
      }
    }
    return renamed;
  }

  /** Restores the low-rank matrices of a layer whose names begin so. */
  private void restoreLayer(String att, Map<String, Tensor> renamed) {
    Tensor w1 = renamed.get(att + "time_maa_w1");
    Tensor w2 = renamed.get(att + "time_maa_w2");
    Tensor norm = renamed.get(att + "ln_x.weight");
    if (w2 == null || norm == null) {
      return; // The tensor that is missing is named later.
    }
    List<Layout> fitting =
        Arrays.stream(Layout.values())
            .filter(layout -> fits(layout, w1.shape(), w2.shape(), norm.elements()))
            .toList();
    if (fitting.size() > 1) {
      throw cannotTell(w2);
    }
    if (fitting.isEmpty()) {
      return; // The wrong shape is named later.
    }
    Layout layout = fitting.getFirst();
    if (layout != Layout.ORIGINAL) {
      exchange(renamed, w1.name(), 1, 0);
    }
    switch (layout) {
      case ORIGINAL -> {}
      case EXCHANGED -> exchange(renamed, w2.name(), 0, 2, 1);
      case FIRST_EXCHANGED -> exchange(renamed, w2.name(), 1, 0, 2);
    }
    restoreDecay(att, renamed, norm.elements(), layout);
  }

  private static boolean fits(Layout layout, long[] w1, long[] w2, long width) {
    if (w1.length != 2 || w2.length != 3) {
      return false;
    }
    long rank = (layout == Layout.ORIGINAL ? w1[1] : w1[0]) / LERPS;
    return switch (layout) {
      case ORIGINAL -> is(w1, width, LERPS * rank) && is(w2, LERPS, rank, width);
      case EXCHANGED -> is(w1, LERPS * rank, width) && is(w2, LERPS, width, rank);
      case FIRST_EXCHANGED -> is(w1, LERPS * rank, width) && is(w2, rank, LERPS, width);
    };
  }

  private void restoreDecay(String att, Map<String, Tensor> renamed, long width, Layout layout) {
    Tensor w1 = renamed.get(att + "time_decay_w1");
    Tensor w2 = renamed.get(att + "time_decay_w2");
    if (w1 == null || w2 == null || w1.shape().length != 2 || w2.shape().length != 2) {
      return;
    }
    boolean square = is(w1.shape(), width, width) && is(w2.shape(), width, width);
    if (square && layout == Layout.ORIGINAL) {
      // One version exchanged the dimensions of the decay's matrices only.
      throw cannotTell(w1);
    }
    long rank = w1.shape()[0];
    if (square || is(w1.shape(), rank, width) && is(w2.shape(), width, rank)) {
      exchange(renamed, w1.name(), 1, 0);
      exchange(renamed, w2.name(), 1, 0);
    }
  }

  private InputException cannotTell(Tensor tensor) {
    return new InputException(
        "%s: has the names that web-rwkv's and ai00's converters give, but the shape of %s does not"
                .formatted(path, tensor)
            + " tell whether it is transposed: use the .pth that it was made from");
  }

  private void exchange(Map<String, Tensor> in, String name, int... order) {
    in.put(name, permuted(in.get(name), arena, order));
  }

  private static boolean is(long[] shape, long... wanted) {
    return Arrays.equals(shape, wanted);
  }

  /**
   * A copy of a tensor with its dimensions in another order, as {@code permute} of PyTorch.
   *
   * @param arena where the copy goes
   * @param order for each dimension of the copy, which of the tensor it is; two or three
   */
  static Tensor permuted(Tensor tensor, Arena arena, int... order) {
    int dimensions = order.length;
    long[] strides = new long[dimensions];
    long[] shape = new long[dimensions];
    for (int i = 0; i < dimensions; i++) {
      shape[i] = tensor.shape()[order[i]];
      strides[i] = 1;
      for (int after = order[i] + 1; after < dimensions; after++) {
        strides[i] *= tensor.shape()[after];
      }
    }
    int width = tensor.dtype().bytes();
    MemorySegment data = arena.allocate(tensor.data().byteSize(), 64);
    long matrices = dimensions == 3 ? shape[0] : 1;
    int last = dimensions - 1;
    long at = 0;
    for (long matrix = 0; matrix < matrices; matrix++) {
      long start = dimensions == 3 ? matrix * strides[0] : 0;
      for (long row = 0; row < shape[last - 1]; row++) {
        for (long column = 0; column < shape[last]; column++) {
          long from = start + row * strides[last - 1] + column * strides[last];
          MemorySegment.copy(tensor.data(), from * width, data, at, width);
          at += width;
        }
      }
    }
    return new Tensor(tensor.name(), tensor.dtype(), shape, data);
  }
}
