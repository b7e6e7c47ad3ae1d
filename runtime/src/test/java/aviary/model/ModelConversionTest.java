package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelConversionTest {
  @TempDir Path folder;

  /** Every model in every type to every type. */
  static List<RandomModel> models() {
    List<RandomModel> models = new ArrayList<>();
    for (RandomModel model : RandomModels.all()) {
      for (WeightType type : WeightType.values()) {
        models.add(model.as(type, model.others()));
      }
    }
    return models;
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyWeightIsTheNearestOfItsNewType(RandomModel random) {
    Model model = random.model();
    for (WeightType type : WeightType.values()) {
      Model converted = ModelConversion.convert(model, type, Arena.ofAuto());
      assertEquals(model.config(), converted.config());
      Inventory.of(model.config())
          .all()
          .forEach(item -> {
            DType before = model.tensor(item.name()).dtype();
            DType wanted = wanted(item.role(), before, type);
            assertEquals(wanted, converted.tensor(item.name()).dtype(), item.name());
            if (wanted == before) {
              assertSame(model.tensor(item.name()), converted.tensor(item.name()));
            } else {
              assertNear(item.name(), item.shape(), model, converted);
            }
          });
      long scales = converted.tensors().keySet().stream().filter(n -> n.endsWith(".scale")).count();
      assertEquals(converted.tensors().size(), Inventory.of(model.config()).count() + scales);
    }
  }

  private static DType wanted(Role role, DType before, WeightType type) {
    return switch (role) {
      case MATRIX -> type.dtype();
      case LOW_RANK -> type == WeightType.Q8_0 ? before : type.dtype();
      case VECTOR -> type == WeightType.F32 ? DType.F32 : before;
    };
  }

  /** Half a step of the new type, from one number to the next, and nothing more. */
  private static void assertNear(String name, long[] shape, Model model, Model converted) {
    Tensor tensor = converted.tensor(name);
    double[] before = numbers(model, name);
    double[] after = numbers(converted, name);
    int columns = (int) shape[shape.length - 1];
    for (int i = 0; i < before.length; i++) {
      double half =
          switch (tensor.dtype()) {
            case F32 -> 0;
            case BF16 -> Math.ulp(Math.scalb(1.0, Math.getExponent(before[i]))) * 0x1p44;
            case F16 -> Math.max(Math.ulp(before[i]) * 0x1p41, 0x1p-25);
            default -> {
              int start = i / columns * columns + i % columns / 32 * 32;
              int end = Math.min(start + 32, (i / columns + 1) * columns);
              double greatest = 0;
              for (int j = start; j < end; j++) {
                greatest = Math.max(greatest, Math.abs(before[j]));
              }
              // The scale is rounded too, by at most 2^-11 of itself; 2^-20 is for rounding ties.
              yield greatest / 127 * (1 + 0x1p-11) * 0.5 * (1 + 0x1p-20);
            }
          };
      if (Math.abs(after[i] - before[i]) > half) {
        fail("%s %d: %s became %s".formatted(tensor, i, before[i], after[i]));
      }
    }
  }

  private static double[] numbers(Model model, String name) {
    Tensor tensor = model.tensor(name);
    double[] numbers = new double[(int) tensor.elements()];
    if (tensor.dtype() != DType.I8) {
      float[] floats = tensor.toFloats();
      for (int i = 0; i < floats.length; i++) {
        numbers[i] = floats[i];
      }
      return numbers;
    }
    float[] scales = model.tensor(name + ".scale").toFloats();
    int columns = (int) tensor.shape()[1];
    int blocks = (columns + 31) / 32;
    for (int i = 0; i < numbers.length; i++) {
      double scale = scales[i / columns * blocks + i % columns / 32];
      numbers[i] = tensor.data().get(ValueLayout.JAVA_BYTE, i) * scale;
    }
    return numbers;
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  void aFileHoldsWhatIsMadeInMemory(RandomModel random) throws IOException {
    Model model = random.model();
    for (WeightType type : WeightType.values()) {
      Path path = folder.resolve(type + ".safetensors");
      SafetensorsWriter.write(path, model.metadata(), ModelConversion.entries(model, type));
      try (Arena arena = Arena.ofConfined()) {
        Map<String, Tensor> wanted = ModelConversion.convert(model, type, Arena.ofAuto()).tensors();
        Map<String, Tensor> found = SafetensorsFile.open(path, arena).tensors();
        assertEquals(List.copyOf(wanted.keySet()), List.copyOf(found.keySet()));
        wanted.forEach((name, tensor) -> assertSameBytes(tensor, found.get(name)));
      }
    }
  }

  @Test
  void largeTensorsAreConvertedInPiecesThatFit() throws IOException {
    // Rows of 40 blocks and a bit: no piece of work and no buffer ends with one. 2.7 M numbers.
    long[] shape = {2100, 1287};
    Random random = new Random(5);
    float[] numbers = new float[2100 * 1287];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    for (WeightType from : WeightType.values()) {
      Model model = converted(embedding(shape, numbers), from);
      for (WeightType to : WeightType.values()) {
        Model made = converted(model, to);
        assertNear("emb.weight", shape, model, made);
        Path path = folder.resolve("large.safetensors");
        SafetensorsWriter.write(path, Map.of(), ModelConversion.entries(model, to));
        try (Arena arena = Arena.ofConfined()) {
          Map<String, Tensor> found = SafetensorsFile.open(path, arena).tensors();
          made.tensors().forEach((name, tensor) -> assertSameBytes(tensor, found.get(name)));
        }
      }
    }
  }

  @Test
  void initialStatesAndMetadataAreKept() {
    Weights weights = Weights.eagle();
    MemorySegment states = weights.tensors().get("emb.weight").data().asSlice(2, 4 * 16 * 16 * 2);
    for (int layer = 0; layer < weights.config().layers(); layer++) {
      String name = "blocks." + layer + ".att.time_state";
      weights = weights.with(new Tensor(name, DType.BF16, new long[] {4, 16, 16}, states));
    }
    Map<String, String> metadata = Map.of("made_by", "test");
    Model model = new Model(weights.config(), weights.tensors(), metadata);
    for (WeightType type : WeightType.values()) {
      Model converted = converted(model, type);
      assertEquals(metadata, converted.metadata());
      assertEquals(
          type == WeightType.F32 ? DType.F32 : DType.BF16,
          converted.tensor("blocks.1.att.time_state").dtype());
      assertArrayEquals(model.initialState().wkv(), converted.initialState().wkv());
    }
  }

  @Test
  void notNumbersStayInFloatingPoint() {
    float[] odd = {
      Float.NaN,
      Float.intBitsToFloat(0x7F800001),
      Float.intBitsToFloat(-1),
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      -0f
    };
    Model model = embedding(new long[] {1, odd.length}, odd);
    for (WeightType type : List.of(WeightType.BF16, WeightType.F16)) {
      Model there = converted(model, type);
      float[] back = converted(there, WeightType.F32).tensor("emb.weight").toFloats();
      for (int i = 0; i < odd.length; i++) {
        // Compares NaN, whatever its bits, and the sign of zero.
        assertEquals(odd[i], back[i], type + " " + i);
      }
    }
  }

  @Test
  void numbersBeyondATypeAreRefusedByPlace() {
    assertRefused(WeightType.F16, 65520, "65520.0, which f16 cannot hold: use bf16");
    assertRefused(WeightType.F16, -1e10f, "-1.0E10, which f16 cannot hold: use bf16");
    assertRefused(
        WeightType.BF16, Float.MAX_VALUE, Float.MAX_VALUE + ", which bf16 cannot hold: use f32");
    assertRefused(WeightType.Q8_0, 65520 * 127f, "8321040.0, which q8_0 cannot hold: use bf16");
    assertRefused(WeightType.Q8_0, Float.NaN, "NaN, which q8_0 cannot hold: use bf16");
    assertRefused(
        WeightType.Q8_0, Float.NEGATIVE_INFINITY, "-Infinity, which q8_0 cannot hold: use bf16");
  }

  private static void assertRefused(WeightType type, float number, String message) {
    float[] numbers = new float[3 * 50];
    numbers[2 * 50 + 41] = number;
    Model model = embedding(new long[] {3, 50}, numbers);
    InputException e = assertThrows(InputException.class, () -> converted(model, type));
    assertEquals("tensor emb.weight: the weight at [2, 41] is " + message, e.getMessage());
  }

  @Test
  void whicheverThreadMeetsItTheMessageIsTheSame() {
    float[] numbers = new float[2048 * 1024];
    Arrays.fill(numbers, 1e5f);
    Model model = embedding(new long[] {2048, 1024}, numbers);
    for (int round = 0; round < 20; round++) {
      InputException e = assertThrows(InputException.class, () -> converted(model, WeightType.F16));
      assertTrue(
          e.getMessage()
              .matches(
                  "tensor emb.weight: the weight at \\[\\d+, 0\\] is 100000.0, which f16 cannot"
                      + " hold: use bf16"),
          e.getMessage());
    }
  }

  @Test
  void theGreatestNumbersOfATypeAreKept() {
    float[] f16 = {65504, 65519, -65504};
    assertArrayEquals(new float[] {65504, 65504, -65504}, roundTrip(f16, WeightType.F16));
    float bf16 = Float.intBitsToFloat(0x7F7F0000);
    assertArrayEquals(
        new float[] {bf16, -bf16}, roundTrip(new float[] {bf16, -bf16}, WeightType.BF16));
    float q8 = 65504 * 127f;
    assertArrayEquals(
        new float[] {q8, -q8, 0}, roundTrip(new float[] {q8, -q8, 0}, WeightType.Q8_0));
  }

  @Test
  void halvesGoToTheEvenNumber() {
    // BF16 has 8 bits: 256, 258, 260. F16 has 11: 2048, 2050, 2052.
    assertArrayEquals(
        new float[] {256, 260, -260}, roundTrip(new float[] {257, 259, -259}, WeightType.BF16));
    assertArrayEquals(
        new float[] {2048, 2052, -2052},
        roundTrip(new float[] {2049, 2051, -2051}, WeightType.F16));
  }

  /**
   * Scales below F16's normal numbers are multiples of 2^-24, and no weight may be cut off by one
   * that was rounded down: so no error is above half such a step more than half a step.
   */
  @Test
  void blocksOfTinyWeightsLoseNoMoreThanHalfAStep() {
    for (float size = 1e-2f; size > 1e-42f; size *= 0.83f) {
      float[] block = new float[32];
      for (int i = 0; i < 32; i++) {
        block[i] = size * (i - 16) / 16;
      }
      float[] back = roundTrip(block, WeightType.Q8_0);
      double step = Math.max(size / 127.0 * (1 + 0x1p-11), size / 127.0 + 0x1p-24);
      for (int i = 0; i < 32; i++) {
        assertEquals(block[i], back[i], step / 2 * (1 + 0x1p-20), "of " + size);
      }
    }
    assertArrayEquals(new float[40], roundTrip(new float[40], WeightType.Q8_0));
  }

  private static float[] roundTrip(float[] numbers, WeightType type) {
    Model there = converted(embedding(new long[] {1, numbers.length}, numbers), type);
    return converted(there, WeightType.F32).tensor("emb.weight").toFloats();
  }

  private static Model converted(Model model, WeightType type) {
    return ModelConversion.convert(model, type, Arena.ofAuto());
  }

  /** A model's part: conversion asks for no more. */
  private static Model embedding(long[] shape, float[] numbers) {
    Tensor tensor = new Tensor("emb.weight", DType.F32, shape, copy(numbers));
    return new Model(Weights.eagle().config(), Map.of("emb.weight", tensor));
  }

  private static MemorySegment copy(float[] numbers) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
  }

  private static void assertSameBytes(Tensor wanted, Tensor found) {
    assertEquals(wanted.toString(), found.toString());
    assertEquals(-1, wanted.data().mismatch(found.data()), wanted.name());
  }
}
