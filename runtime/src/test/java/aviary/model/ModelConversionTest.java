package aviary.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.Inventory.Item;
import aviary.model.Inventory.Role;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
              assertNear(item, model, converted);
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
  private static void assertNear(Item item, Model model, Model converted) {
    Tensor tensor = converted.tensor(item.name());
    double[] before = numbers(model, item.name());
    double[] after = numbers(converted, item.name());
    int columns = (int) item.shape()[item.shape().length - 1];
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
      double error = Math.abs(after[i] - before[i]);
      assertTrue(error <= half, "%s %d: %s became %s".formatted(tensor, i, before[i], after[i]));
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
}
