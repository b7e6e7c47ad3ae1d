package aviary.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.safetensors.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients against central differences of the loss as {@link DoubleLoss} computes it in double
 * precision.
 */
class GradientTest {

  /** A model and a batch of sizes that divide by nothing. */
  record Case(
      Architecture architecture,
      int layers,
      int heads,
      int headSize,
      int sequences,
      int length,
      double labelled) {
    ModelConfig config() {
      boolean finch = architecture == Architecture.FINCH;
      return new ModelShape(
              architecture,
              layers,
              heads * headSize,
              37,
              headSize,
              29,
              finch ? 3 : null,
              finch ? 5 : null)
          .config();
    }
  }

  static List<Case> cases() {
    return List.of(
        new Case(Architecture.FINCH, 2, 3, 5, 3, 11, 0.6),
        new Case(Architecture.FINCH, 2, 3, 5, 3, 11, 0.15),
        new Case(Architecture.EAGLE, 2, 2, 7, 2, 10, 0.6),
        new Case(Architecture.EAGLE, 1, 2, 7, 2, 10, 0.2),
        new Case(Architecture.FINCH, 1, 1, 16, 1, 4, 0.6),
        new Case(Architecture.FINCH, 3, 2, 17, 2, 5, 0.6),
        new Case(Architecture.EAGLE, 1, 1, 33, 5, 2, 0.6));
  }

  /**
   * Gradients are sums in floats over all rows, off by some 1e-6 of their largest terms, and the
   * slopes have errors of their own, of the step to its fourth power; 2e-3 of a tensor's greatest
   * gradient leaves room for both, where a wrong formula is off by as much as itself. The reference
   * gives logits as floats, whose rounding divided by the step is 3e-5.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void everyTensorsGradientIsTheSlopeOfTheLoss(Case of) {
    RandomParameters random = new RandomParameters(of.config(), 17);
    Parameters parameters = random.parameters();
    Sequences batch = random.batch(of.sequences(), of.length(), of.labelled());
    Rows rows = Rows.upToLastLabels(batch);
    assertEquals(
        of.labelled() > 0.5, rows.needed() == rows, "whether the last layer runs in parts");
    try (Workers workers = new Workers(2)) {
      ProgramGradient gradient = new ProgramGradient(parameters, workers);
      Loss loss =
          gradient.gradient(
              batch,
              gradient.zeroStates(of.sequences()),
              labels(batch),
              gradient.zeroStates(of.sequences()),
              false);
      Model model = parameters.toModel();
      assertEquals(DoubleLoss.mean(model, batch), loss.mean(), 1e-5, "the loss");
      for (Parameter parameter : parameters.all()) {
        checkSome(parameter, model, batch, new Random(3));
      }
    }
  }

  private static long labels(Sequences batch) {
    return Arrays.stream(batch.labels()).filter(label -> label >= 0).count();
  }

  private static void checkSome(Parameter parameter, Model model, Sequences batch, Random random) {
    float greatest = 0;
    for (float number : parameter.gradient()) {
      greatest = Math.max(greatest, Math.abs(number));
    }
    for (int i = 0; i < 4; i++) {
      int at = random.nextInt(parameter.weights().length);
      double slope = DoubleLoss.slope(parameter.weights(), at, model, batch);
      assertEquals(
          slope,
          parameter.gradient()[at],
          2e-3 * greatest + 3e-5,
          "%s[%d]".formatted(parameter.name(), at));
    }
  }

  @Test
  void noTensorIsForgotten() {
    RandomParameters random =
        new RandomParameters(new Case(Architecture.FINCH, 2, 3, 5, 3, 11, 0.6).config(), 17);
    Parameters parameters = random.parameters();
    Sequences batch = random.batch(3, 11, 0.6);
    try (Workers workers = new Workers(1)) {
      ProgramGradient gradient = new ProgramGradient(parameters, workers);
      gradient.gradient(
          batch, gradient.zeroStates(3), labels(batch), gradient.zeroStates(3), false);
    }
    for (Parameter parameter : parameters.all()) {
      double size = 0;
      for (float number : parameter.gradient()) {
        size += number * number;
      }
      assertTrue(size > 0, parameter.name());
    }
  }

  /** What sequences begin with has a gradient of its own. */
  @ParameterizedTest
  @CsvSource({"0.6, true", "0.6, false", "0.15, true", "0.15, false"})
  void theGradientOfTheInitialStatesIsTheSlopeOfTheLoss(double labelled, boolean goOn) {
    RandomParameters random =
        new RandomParameters(new Case(Architecture.FINCH, 2, 2, 5, 3, 7, labelled).config(), 17);
    Parameters parameters = random.parameters();
    Sequences batch = random.batch(3, 7, labelled);
    Rows rows = goOn ? Rows.all(batch) : Rows.upToLastLabels(batch);
    assertEquals(labelled > 0.5, rows.needed() == rows, "whether the last layer runs in parts");
    TimeStates states = new TimeStates(parameters.toModel());
    Random numbers = new Random(4);
    for (Parameter state : states.parameters()) {
      for (int i = 0; i < state.weights().length; i++) {
        state.weights()[i] = numbers.nextFloat() - 0.5f;
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>(parameters.toModel().tensors());
    states.parameters().forEach(state -> tensors.put(state.name(), state.tensor()));
    Model model = new Model(parameters.model().config(), tensors);
    try (Workers workers = new Workers(2)) {
      ProgramGradient gradient = new ProgramGradient(parameters, workers);
      List<InitialStates> begin = gradient.zeroStates(3);
      states.begin(begin);
      List<InitialStates> dstates = gradient.zeroStates(3);
      Loss loss = gradient.gradient(batch, begin, labels(batch), dstates, goOn);
      states.addGradients(dstates);
      assertEquals(DoubleLoss.mean(model, batch), loss.mean(), 1e-5, "the loss");
      for (Parameter state : states.parameters()) {
        checkSome(state, model, batch, new Random(3));
      }
    }
  }
}
