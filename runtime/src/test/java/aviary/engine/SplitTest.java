package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Split.OfLayers;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  private static final long GB = 1L << 30;
  private static final OfLayers BY_MEMORY = new OfLayers(List.of());

  @ParameterizedTest
  @ValueSource(strings = {"batch", "layers", "layers=10,14", "layers=1,2,3"})
  void textsAreReadAndWritten(String text) {
    assertEquals(text, Split.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rows",
        "Layers",
        "layers=",
        "layers=1,",
        "layers=1,x",
        "layers:1,2",
        "layers=1.5,2",
        "layers=99999999999,1",
        "batch=2"
      })
  void otherTextsAreRefused(String text) {
    String message = assertThrows(InputException.class, () -> Split.parse(text)).getMessage();
    assertTrue(
        message.startsWith("--split " + text + ": it has to be batch, layers, or "), message);
  }

  private static List<Integer> shares(int layers, long... memory) {
    return counts(BY_MEMORY.byMemory(layers, LongStream.of(memory).boxed().toList()));
  }

  private static List<Integer> counts(List<Layers> parts) {
    return parts.stream().map(Layers::count).toList();
  }

  @Test
  void layersAreSharedOutInProportionToMemory() {
    assertEquals(List.of(12, 12), shares(24, 8 * GB, 8 * GB));
    assertEquals(List.of(10, 14), shares(24, 10 * GB, 14 * GB));
    assertEquals(List.of(8, 16), shares(24, 8 * GB, 16 * GB));
    assertEquals(List.of(4, 8, 12), shares(24, 4 * GB, 8 * GB, 12 * GB));
  }

  /** 2.7 and 5.3 layers; the one that lacks more of a layer gets it. */
  @Test
  void whatIsNoWholeLayerIsRounded() {
    assertEquals(List.of(3, 5), shares(8, 8 * GB, 16 * GB));
    assertEquals(List.of(3, 2, 2), shares(7, GB, GB, GB));
  }

  @Test
  void everyDeviceHasALayer() {
    assertEquals(List.of(23, 1), shares(24, 1000 * GB, 1));
    assertEquals(List.of(1, 2, 1), shares(4, 0, GB, 0));
    assertEquals(List.of(1, 1), shares(2, 0, 0));
  }

  @Test
  void noLayerIsLostWhateverTheMemory() {
    long seed = new Random().nextLong();
    System.out.println("SplitTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      int devices = random.nextInt(1, 6);
      int layers = devices + random.nextInt(40);
      long[] memory = random.longs(devices, 0, 100 * GB).toArray();
      double all = Math.max(1, LongStream.of(memory).sum());
      List<Integer> shares = shares(layers, memory);
      assertEquals(layers, shares.stream().mapToInt(Integer::intValue).sum());
      for (int device = 0; device < devices; device++) {
        double exact = layers * (memory[device] / all);
        assertTrue(shares.get(device) >= 1, shares + " of " + exact);
        assertTrue(shares.get(device) < Math.max(1, exact) + 1, shares + " of " + exact);
      }
    }
  }

  @Test
  void partsOfAModelFollowEachOther() {
    assertEquals(
        List.of(new Layers(0, 10, 24), new Layers(10, 3, 24), new Layers(13, 11, 24)),
        new OfLayers(List.of(10, 3, 11)).asCounted(24, 3));
  }

  @Test
  void onlyTheFirstPartTakesTokensAndOnlyTheLastGivesLogits() {
    List<Layers> parts = Layers.inTurn(List.of(1, 1, 1));
    assertEquals(List.of(true, false, false), parts.stream().map(Layers::takesTokens).toList());
    assertEquals(List.of(false, false, true), parts.stream().map(Layers::givesLogits).toList());
    assertTrue(Layers.all(1).takesTokens() && Layers.all(1).givesLogits());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu,cpu           | layers=1,2   | --split layers=1,2: these are 3 layers, and the model has 2",
        "cpu,cpu           | layers=2     | --split layers=2: a number for each device .* 2 devices",
        "cpu,cpu           | layers=1,0,1 | --split layers=1,0,1: a number for each device .*",
        "cpu,cpu           | layers=2,0   | --split layers=2,0: every device needs at least 1 layer",
        "cpu,cpu           | layers=3,-1  | --split layers=3,-1: every device needs at least 1 layer",
        "cpu,reference,cpu | layers       | --split layers: the model has 2 layers, too few for 3 .*",
        "cpu               | layers       | --split layers: there is one device, cpu, and nothing .*",
        "cpu               | layers=2     | --split layers=2: there is one device, cpu, .*",
        "cpu               | batch        | --split batch: there is one device, cpu, .*",
        "cpu,gpu           | layers       | device gpu: no such backend here.*",
        "cpu,gpu           | layers=1,1   | device gpu: no such backend here.*",
        "cpu,cpu:1         | layers       | device cpu:1: no such device here; there is cpu.*",
        "cpu,              | layers       | device : no such backend here.*"
      })
  void whatCannotBeSplitIsRefused(String devices, String split, String message) {
    RandomModel random = RandomModels.programs().getLast();
    EngineOptions options = new EngineOptions(1, Optional.of(Split.parse(split)));
    String told =
        assertThrows(InputException.class, () -> Backends.open(random.model(), devices, options))
            .getMessage();
    assertTrue(told.matches(message), told);
  }
}
