package aviary.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.InputException;
import aviary.model.ModelConfig.Architecture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelShapeTest {
  private static final ModelShape SMALL = shape(Architecture.FINCH, 2, 128, 256, null, null);

  private static ModelShape shape(
      Architecture architecture,
      Integer layers,
      Integer width,
      Integer vocabulary,
      Integer headSize,
      Integer feedForward) {
    return new ModelShape(
        architecture, layers, width, vocabulary, headSize, feedForward, null, null);
  }

  /**
   * The published tables' formulas, with low ranks of 32 and 64, and doubled for widths of 4096.
   */
  @ParameterizedTest
  @MethodSource("aviary.model.PublishedShapes#names")
  void publishedModelsHaveAsManyParametersAsPublished(String name) {
    ModelConfig config = PublishedShapes.find(name).config();
    long l = config.layers();
    long d = config.width();
    long v = config.vocabulary();
    long vectors = name.startsWith("eagle") ? 14 : d < 4096 ? 464 : 16 + 2 * 448;
    assertEquals(
        13 * d * d * l + vectors * d * l + 4 * d + 2 * d * v, Inventory.of(config).parameters());
    assertEquals(64, config.headSize());
  }

  @Test
  void namesTellRoughlyHowManyParametersThereAre() {
    for (String name : PublishedShapes.names()) {
      double billions = Inventory.of(PublishedShapes.find(name).config()).parameters() / 1e9;
      double named = Double.parseDouble(name.replaceAll("^\\w+-|b$", ""));
      assertEquals(named, billions, named * 0.2, name);
    }
  }

  @Test
  void whatIsDecidedGoesBeforeThePublishedShape() {
    ModelShape decided =
        new ModelShape(null, 2, 192, null, 32, null, null, 7)
            .or(PublishedShapes.find("Finch-0.4B"));
    ModelConfig config = decided.config();
    assertEquals(Architecture.FINCH, config.architecture());
    assertEquals(2, config.layers());
    assertEquals(192, config.width());
    assertEquals(6, config.heads());
    assertEquals(672, config.feedForward());
    assertEquals(65536, config.vocabulary());
    assertEquals(32, config.mixRank());
    assertEquals(7, config.decayRank());
    assertEquals(8f, config.headSizeDivisor());
  }

  @Test
  void tinyModelsHaveAFeedForwardToo() {
    assertEquals(28, shape(Architecture.EAGLE, 1, 8, 5, 4, null).config().feedForward());
    assertEquals(3, shape(Architecture.EAGLE, 1, 1, 5, 1, null).config().feedForward());
  }

  @Test
  void whatIsMissingIsNamed() {
    ModelShape none = shape(null, null, null, null, null, null);
    assertRefused(
        "nothing says how large the model is: give --arch, or --shape with the name of a published"
            + " model",
        none::config);
    assertRefused(
        "nothing says how large the model is: give --vocab-size, or --shape with the name of a"
            + " published model",
        shape(Architecture.EAGLE, 2, 64, null, null, null)::config);
    assertRefused(
        "no published model has the shape 'finch-9b': known are eagle-0.4b, eagle-1.5b, eagle-3b,"
            + " eagle-7b, finch-0.4b, finch-1.6b, finch-3b, finch-7b, finch-14b",
        () -> PublishedShapes.find("finch-9b"));
  }

  @Test
  void impossibleSizesAreRefused() {
    assertRefused(
        "the width, 100, is no multiple of the head size, 64: change --width or --head-size",
        shape(null, null, 100, null, null, null).or(SMALL)::config);
    assertRefused(
        "--layers is 0: give 1 or more", shape(null, 0, null, null, null, null).or(SMALL)::config);
    assertRefused(
        "--width is -64: give 1 or more",
        shape(null, null, -64, null, null, null).or(SMALL)::config);
    assertRefused(
        "only Finch has ranks: leave out --mix-rank and --decay-rank",
        new ModelShape(Architecture.EAGLE, null, null, null, null, null, 8, null).or(SMALL)
            ::config);
    assertRefused(
        "a model of 100000 layers has 2800006 tensors, more than a file can name: choose fewer"
            + " --layers",
        shape(null, 100000, null, null, null, null).or(SMALL)::config);
    assertRefused(
        "a model of these sizes cannot be run: its state would be too large; choose smaller ones",
        shape(null, null, 1 << 30, null, null, null).or(SMALL)::config);
    assertRefused(
        "a model of these sizes has 3746995656623915008 parameters, more than a file can hold:"
            + " choose smaller ones",
        shape(null, 1, 1 << 29, null, 1, null).or(SMALL)::config);
  }

  private static void assertRefused(String message, Supplier<?> making) {
    InputException e = assertThrows(InputException.class, making::get);
    assertEquals(message, e.getMessage());
  }
}
