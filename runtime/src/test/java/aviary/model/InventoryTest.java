package aviary.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published sizes have as many parameters as the paper's formulas (arXiv 2404.05892) say. */
class InventoryTest {
  private static final long VOCABULARY = 65536;

  private static long parameters(Architecture architecture, int layers, int width) {
    boolean finch = architecture == Architecture.FINCH;
    ModelConfig config =
        new ModelConfig(
            architecture,
            layers,
            width,
            width / 64,
            64,
            width * 7 / 2,
            (int) VOCABULARY,
            finch ? 32 : 0,
            finch ? 64 : 0,
            8,
            true,
            DecayForm.PER_CHANNEL);
    return Inventory.of(config).parameters();
  }

  @ParameterizedTest
  @CsvSource({"24, 1024", "24, 2048", "32, 2560", "32, 4096"})
  void eagles(int layers, int width) {
    long l = layers;
    long d = width;
    assertEquals(
        13 * d * d * l + 14 * d * l + 4 * d + 2 * d * VOCABULARY,
        parameters(Architecture.EAGLE, layers, width));
  }

  @ParameterizedTest
  @CsvSource({"24, 2048", "32, 2560"})
  void finches(int layers, int width) {
    long l = layers;
    long d = width;
    assertEquals(
        13 * d * d * l + 464 * d * l + 4 * d + 2 * d * VOCABULARY,
        parameters(Architecture.FINCH, layers, width));
  }
}
