package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.safetensors.DType;
import aviary.safetensors.MalformedFileException;
import aviary.safetensors.Mutations;
import aviary.safetensors.Tensor;
import aviary.torch.SavedTensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random changes to good models: each is refused in one line, or opens as a whole model. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModelMutationTest {
  /** Types of which any number of elements takes whole bytes. */
  private static final List<DType> TYPES =
      Arrays.stream(DType.values())
          .filter(type -> type != DType.F4 && !type.name().startsWith("F6"))
          .toList();

  @TempDir Path folder;

  @Test
  void aFileOfDamagedBytesIsRefusedOrOpened() throws IOException {
    // Small enough that most of the file is what can go wrong.
    Weights weights =
        Weights.of(
            RandomModels.all().stream()
                .filter(model -> model.config().width() == 8)
                .findFirst()
                .orElseThrow());
    byte[] safetensors = Files.readAllBytes(weights.write(folder.resolve("good.safetensors")));
    assertSomeRefused(safetensors, 4000);
    Path pth = SavedTensors.write(folder.resolve("good.pth"), weights.tensors());
    assertSomeRefused(Files.readAllBytes(pth), 4000);
  }

  @Test
  void aDamagedFileOfQ8IsRefusedOrOpenedAndConverted() throws IOException {
    Weights weights = Weights.of(RandomModels.all().get(11).as(WeightType.Q8_0, DType.BF16));
    byte[] good = Files.readAllBytes(weights.write(folder.resolve("good.safetensors")));
    int rounds = 3000;
    int refused =
        Mutations.run(good, good.length / 2, rounds, folder, ModelMutationTest::converted);
    System.out.println("ModelMutationTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 4 && refused < rounds, "refused " + refused);
  }

  /** The tensors after a change of type, through which every byte and scale is seen. */
  private static Map<String, Tensor> converted(Path path, Arena arena) throws IOException {
    // Conversion is done by many threads, which the given arena does not let in.
    Arena shared = Arena.ofAuto();
    try {
      Model model = ModelFiles.open(path, shared);
      // A damaged scale may be too large for a type, or no number: that is refused too.
      ModelConversion.convert(model, WeightType.BF16, shared);
      Model floats = ModelConversion.convert(model, WeightType.F32, shared);
      return ModelConversion.convert(floats, WeightType.Q8_0, shared).tensors();
    } catch (InputException e) {
      throw new IOException(path + ": " + e.getMessage().replace(path + ": ", ""), e);
    }
  }

  private void assertSomeRefused(byte[] good, int rounds) throws IOException {
    int refused = Mutations.run(good, good.length / 2, rounds, folder, ModelMutationTest::tensors);
    System.out.println("ModelMutationTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 4 && refused < rounds, "refused " + refused);
  }

  private static Map<String, Tensor> tensors(Path path, Arena arena) throws IOException {
    try {
      return ModelFiles.open(path, arena).tensors();
    } catch (InputException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Test
  void aFileOfOtherTensorsIsRefusedOrOpened() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("ModelMutationTest seed " + seed);
    Random random = new Random(seed);
    Path path = folder.resolve("changed.safetensors");
    int opened = 0;
    int rounds = 3000;
    List<RandomModel> models = RandomModels.all();
    for (int round = 0; round < rounds; round++) {
      Weights weights = Weights.of(models.get(round % 2 == 0 ? 2 : 11));
      for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
        weights = change(weights, random);
      }
      weights.write(path);
      try (Arena arena = Arena.ofConfined()) {
        assertWhole(ModelFiles.open(path, arena));
        opened++;
      } catch (InputException | MalformedFileException e) {
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      } catch (Exception | Error e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    System.out.println("ModelMutationTest: opened " + opened + " of " + rounds);
    assertTrue(opened > 0 && opened < rounds / 2, "opened " + opened);
  }

  private static void assertWhole(Model model) {
    Inventory.of(model.config())
        .all()
        .forEach(item -> {
          Tensor tensor = model.tensor(item.name());
          assertArrayEquals(item.shape(), tensor.shape(), item.name());
          assertTrue(tensor.dtype() != DType.I64, tensor.toString());
        });
    model.initialState().requireFits(model.config());
  }

  private static Weights change(Weights weights, Random random) {
    List<String> names = new ArrayList<>(weights.tensors().keySet());
    String name = names.get(random.nextInt(names.size()));
    String other = names.get(random.nextInt(names.size()));
    Tensor tensor = weights.tensors().get(name);
    long[] shape = tensor.shape().clone();
    return switch (random.nextInt(8)) {
      case 0 -> weights.named(n -> n.equals(name) ? null : n);
      case 1 -> weights.named(n -> n.equals(name) ? mangled(n, random) : n);
      case 2 -> swapped(weights, name, other);
      case 3 -> {
        Arrays.sort(shape);
        yield weights.reshaped(name, shape);
      }
      case 4 -> weights.reshaped(name, tensor.elements());
      case 5 -> weights.reshaped(name, 1, tensor.elements(), 1);
      case 6 -> {
        shape[random.nextInt(shape.length)] = random.nextInt(20);
        yield weights.with(name, tensor.dtype(), shape);
      }
      default -> weights.with(name, TYPES.get(random.nextInt(TYPES.size())), shape);
    };
  }

  private static String mangled(String name, Random random) {
    int at = random.nextInt(name.length());
    String put = String.valueOf("0123456789.\n\"kvrgw\u20ac".charAt(random.nextInt(19)));
    return name.substring(0, at) + put.repeat(1 + random.nextInt(12)) + name.substring(at + 1);
  }

  private static Weights swapped(Weights weights, String one, String two) {
    Map<String, Tensor> changed = new LinkedHashMap<>(weights.tensors());
    changed.put(one, weights.tensors().get(two).renamed(one));
    changed.put(two, weights.tensors().get(one).renamed(two));
    return new Weights(weights.config(), changed);
  }
}
