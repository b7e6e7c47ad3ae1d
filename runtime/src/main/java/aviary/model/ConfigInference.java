package aviary.model;

import aviary.InputException;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.safetensors.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a model's shapes off its tensors. What it returns fits the tensors that it looked at; the
 * others are still to be checked against it.
 */
final class ConfigInference {
  private static final Pattern IN_BLOCK = Pattern.compile("blocks\\.(0|[1-9]\\d*)\\.(.+)");

  /** So many digits fit an int. */
  private static final int MOST_DIGITS = 9;

  private final Path path;
  private final Map<String, Tensor> tensors;

  /** For each name in a block, the first block that has it. */
  private final Map<String, Integer> firstBlock = new HashMap<>();

  private final int layers;

  /**
   * @param path the file, for messages
   * @param tensors its tensors by their canonical names
   */
  ConfigInference(Path path, Map<String, Tensor> tensors) {
    this.path = path;
    this.tensors = tensors;
    TreeSet<Integer> blocks = new TreeSet<>();
    for (String name : tensors.keySet()) {
      Matcher matcher = IN_BLOCK.matcher(name);
      if (matcher.matches()) {
        if (matcher.group(1).length() > MOST_DIGITS) {
          throw refuse("no model has as many layers as a tensor %s asks for", shown(name));
        }
        int block = Integer.parseInt(matcher.group(1));
        blocks.add(block);
        firstBlock.merge(matcher.group(2), block, Math::min);
      }
    }
    int expected = 0;
    for (int block : blocks) {
      if (block != expected) {
        throw refuse("has tensors of block %d, but none of block %d", block, expected);
      }
      expected++;
    }
    layers = expected;
  }

  /**
   * The model's shapes.
   *
   * @param headSizeDivisor what no tensor tells
   * @throws InputException if it is of no known architecture, or the shapes contradict each other
   */
  ModelConfig infer(float headSizeDivisor) {
    Architecture architecture = architecture();
    boolean finch = architecture == Architecture.FINCH;
    int width = size(anyLayers("ln1.weight"), anyLayers("ln1.weight").elements());
    Tensor bonus = anyLayers(hasAny("att.time_faaaa") ? "att.time_faaaa" : "att.time_first");
    Tensor decay = anyLayers("att.time_decay");
    int heads = heads(bonus, decay, width);
    Tensor table = tensors.get(tensors.containsKey("emb.weight") ? "emb.weight" : "head.weight");
    if (table == null) {
      throw refuse("has neither emb.weight nor head.weight");
    }
    return new ModelConfig(
        architecture,
        layers,
        width,
        heads,
        width / heads,
        rows(anyLayers("ffn.key.weight"), "[F, D]"),
        rows(table, "[V, D]"),
        finch ? mixRank() : 0,
        finch ? columns(anyLayers("att.time_decay_w1"), "[D, rank]") : 0,
        headSizeDivisor,
        finch || hasAny("att.gate.weight") || hasAny("att.time_mix_g"),
        finch ? DecayForm.PER_CHANNEL : decayForm(bonus, decay, width));
  }

  private Architecture architecture() {
    if (hasAny("att.time_maa_x") || hasAny("att.time_maa_w1")) {
      return Architecture.FINCH;
    }
    if (hasAny("att.ln_x.weight") && hasAny("att.time_decay")) {
      return Architecture.EAGLE;
    }
    throw refuse(
        "is not an RWKV-5 or RWKV-6 model: it has %d tensors, such as %s",
        tensors.size(), shown(tensors.keySet().stream().findFirst().orElse("none")));
  }

  /** One number a channel, or one a head, for decay and bonus alike. */
  private static DecayForm decayForm(Tensor bonus, Tensor decay, int width) {
    Weight.Form perHead =
        bonus.name().endsWith("time_first") ? Weight.Form.LOG_PER_HEAD : Weight.Form.PER_HEAD;
    Weight.Form ofBonus =
        bonus.elements() == width && perHead == Weight.Form.PER_HEAD ? Weight.Form.PLAIN : perHead;
    Weight.Form ofDecay = decay.elements() == width ? Weight.Form.PLAIN : Weight.Form.PER_HEAD;
    String bonusName = bonus.name().substring(bonus.name().indexOf("att."));
    return new DecayForm(new Weight("att.time_decay", ofDecay), new Weight(bonusName, ofBonus));
  }

  private int heads(Tensor bonus, Tensor decay, int width) {
    for (Tensor tensor : new Tensor[] {bonus, decay}) {
      long[] shape = tensor.shape();
      long[] sides = Arrays.stream(shape).filter(side -> side != 1).toArray();
      if (sides.length == 2 && tensor.elements() == width) {
        return size(tensor, sides[0]);
      }
      // One head, or heads of one channel.
      if (sides.length <= 1 && shape.length >= 2 && shape[0] * shape[1] == width) {
        return size(tensor, shape[0]);
      }
    }
    for (Tensor tensor : new Tensor[] {bonus, decay}) {
      boolean flat = Arrays.stream(tensor.shape()).filter(side -> side != 1).count() <= 1;
      if (flat && tensor.elements() < width && tensor.elements() > 0) {
        if (width % tensor.elements() != 0) {
          throw refuse(
              "%s is for %d heads, which do not divide the width of %d",
              tensor, tensor.elements(), width);
        }
        return size(tensor, tensor.elements());
      }
    }
    throw wrongShape(bonus, "[H, N] with H times N the width, " + width);
  }

  private int mixRank() {
    Tensor first = anyLayers("att.time_maa_w1");
    int columns = columns(first, "[D, 5 R]");
    if (columns % 5 != 0) {
      throw wrongShape(first, "[D, 5 R]");
    }
    return columns / 5;
  }

  private boolean hasAny(String name) {
    return firstBlock.containsKey(name);
  }

  /** The tensor of the first layer that has it. */
  private Tensor anyLayers(String name) {
    Integer block = firstBlock.get(name);
    if (block == null) {
      throw refuse("has no tensor %s in any of its %d layers", name, layers);
    }
    return tensors.get("blocks." + block + "." + name);
  }

  private int rows(Tensor matrix, String wanted) {
    if (matrix.shape().length != 2) {
      throw wrongShape(matrix, wanted);
    }
    return size(matrix, matrix.shape()[0]);
  }

  private int columns(Tensor matrix, String wanted) {
    if (matrix.shape().length != 2) {
      throw wrongShape(matrix, wanted);
    }
    return size(matrix, matrix.shape()[1]);
  }

  private int size(Tensor tensor, long size) {
    if (size < 1 || size > Integer.MAX_VALUE) {
      throw wrongShape(tensor, "sizes from 1 to " + Integer.MAX_VALUE);
    }
    return (int) size;
  }

  private InputException wrongShape(Tensor tensor, String wanted) {
    return refuse(
        "tensor %s has shape %s, wanted %s",
        tensor.name(), Arrays.toString(tensor.shape()), wanted);
  }

  private static String shown(String name) {
    return TensorNames.shown(name);
  }

  private InputException refuse(String format, Object... arguments) {
    return new InputException(path + ": " + format.formatted(arguments));
  }
}
