package aviary.agreement;

import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.Q8_0;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A model of random weights. The same config and seed give the same numbers, rounded to the types
 * that are asked for: each tensor's numbers come from the seed and its name alone.
 *
 * @param config the shapes
 * @param matrices the type of the matrices
 * @param others the type of everything that Q8_0 leaves alone
 * @param aligned whether the data start at multiples of their type's size, as in no file they must
 * @param seed where the numbers come from
 */
public record RandomModel(
    ModelConfig config, WeightType matrices, DType others, boolean aligned, long seed) {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The same numbers in other types. */
  public RandomModel as(WeightType type, DType otherType) {
    return new RandomModel(config, type, otherType, aligned, seed);
  }

  /** The weights, in memory that lives as long as they are used. */
  public Model model() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    RandomWeights.of(config)
        .forEach((name, weight) -> {
          float[] numbers = weight.draw(new Random(31 * seed + name.hashCode()));
          if (weight.matrix() && matrices == WeightType.Q8_0) {
            addQ8(tensors, name, weight.shape(), numbers);
          } else {
            DType type = weight.matrix() ? matrices.dtype() : others;
            add(tensors, name, type, weight.shape(), numbers);
          }
        });
    return new Model(config, tensors);
  }

  private void add(
      Map<String, Tensor> tensors, String name, DType type, long[] shape, float[] numbers) {
    MemorySegment data = memory((long) numbers.length * type.bytes());
    for (int i = 0; i < numbers.length; i++) {
      switch (type) {
        case F32 -> data.set(FLOAT, 4L * i, numbers[i]);
        case F16 -> data.set(SHORT, 2L * i, Float.floatToFloat16(numbers[i]));
        case BF16 -> data.set(SHORT, 2L * i, bf16(numbers[i]));
        default -> throw new IllegalArgumentException("no weights are " + type);
      }
    }
    tensors.put(name, new Tensor(name, type, shape, data));
  }

  private void addQ8(Map<String, Tensor> tensors, String name, long[] shape, float[] numbers) {
    int columns = (int) shape[1];
    int blocks = (int) Q8_0.blocks(columns);
    float[] scales = new float[(int) shape[0] * blocks];
    for (int i = 0; i < numbers.length; i++) {
      int block = i / columns * blocks + i % columns / Q8_0.BLOCK;
      scales[block] = Math.max(scales[block], Math.abs(numbers[i]) / 127);
    }
    MemorySegment data = memory(numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      float exact = scales[i / columns * blocks + i % columns / Q8_0.BLOCK];
      float scale = Float.float16ToFloat(Float.floatToFloat16(exact));
      int rounded = scale == 0 ? 0 : Math.round(numbers[i] / scale);
      data.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp(rounded, -127, 127));
    }
    tensors.put(name, new Tensor(name, DType.I8, shape, data));
    add(tensors, Q8_0.scaleName(name), DType.F16, new long[] {shape[0], blocks}, scales);
  }

  private MemorySegment memory(long bytes) {
    return aligned
        ? Arena.ofAuto().allocate(bytes, 64)
        : Arena.ofAuto().allocate(bytes + 1, 64).asSlice(1);
  }

  /** The nearest BF16; of two, the even one. */
  private static short bf16(float number) {
    int bits = Float.floatToRawIntBits(number);
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  /** Random tokens of this model's vocabulary. */
  public int[] tokens(int count) {
    return new Random(seed + count).ints(count, 0, config.vocabulary()).toArray();
  }

  /** The shape, the types and the seed, as tests show them. */
  @Override
  public String toString() {
    return "%s L%d D%d N%d F%d V%d%s, %s and %s%s, seed %d"
        .formatted(
            config.title(),
            config.layers(),
            config.width(),
            config.headSize(),
            config.feedForward(),
            config.vocabulary(),
            config.architecture() == Architecture.FINCH
                ? " R" + Arrays.toString(new int[] {config.mixRank(), config.decayRank()})
                : "",
            matrices,
            others,
            aligned ? "" : ", unaligned",
            seed);
  }
}
