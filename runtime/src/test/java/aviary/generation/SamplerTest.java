package aviary.generation;

import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Logits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {
  private static final int DRAWS = 20_000;

  private static SamplerOptions options(double temperature, double topP, int topK) {
    return new SamplerOptions(temperature, topP, topK, 0, 0, 1, 7);
  }

  private static int[] draw(SamplerOptions options, int count, float... logits) {
    Sampler sampler = new Sampler(options);
    return IntStream.range(0, count).map(i -> sampler.next(new KnownLogits(logits), 0)).toArray();
  }

  private static double[] shares(SamplerOptions options, float... logits) {
    double[] shares = new double[logits.length];
    for (int token : draw(options, DRAWS, logits)) {
      shares[token] += 1.0 / DRAWS;
    }
    return shares;
  }

  private static float[] logitsOf(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (Math.log(probabilities[i]) + 5);
    }
    return logits;
  }

  /** The largest standard deviation of a share is 0.0035; the seed is fixed. */
  private static void assertShares(double[] shares, double... expected) {
    assertArrayEquals(expected, shares, 0.012, () -> Arrays.toString(shares));
  }

  @Test
  void drawsByTheModelsProbabilities() {
    float[] logits = logitsOf(0.5, 0.2, 0.2, 0.1);
    assertShares(shares(options(1, 1, 0), logits), 0.5, 0.2, 0.2, 0.1);
  }

  @Test
  void temperatureSharpensAndFlattens() {
    float[] logits = logitsOf(0.6, 0.3, 0.1);
    assertShares(shares(options(0.5, 1, 0), logits), 0.36 / 0.46, 0.09 / 0.46, 0.01 / 0.46);
    double sum = Math.sqrt(0.6) + Math.sqrt(0.3) + Math.sqrt(0.1);
    assertShares(
        shares(options(2, 1, 0), logits),
        Math.sqrt(0.6) / sum,
        Math.sqrt(0.3) / sum,
        Math.sqrt(0.1) / sum);
  }

  @Test
  void topPIsTakenBeforeTheTemperature() {
    // At temperature 2 the first two would have 0.7 of the probability only; at 1 they have 0.9.
    float[] logits = logitsOf(0.6, 0.3, 0.1);
    double first = Math.sqrt(0.6) / (Math.sqrt(0.6) + Math.sqrt(0.3));
    assertShares(shares(options(2, 0.89, 0), logits), first, 1 - first, 0);
  }

  @Test
  void topPKeepsTheTokenThatReachesIt() {
    float[] logits = logitsOf(0.1, 0.5, 0.1, 0.3);
    assertShares(shares(options(1, 0.49, 0), logits), 0, 1, 0, 0);
    assertShares(shares(options(1, 0.51, 0), logits), 0, 0.625, 0, 0.375);
    assertShares(shares(options(1, 0, 0), logits), 0, 1, 0, 0);
  }

  @Test
  void topKKeepsSoManyAndOfEqualOnesTheFirst() {
    float[] logits = logitsOf(0.2, 0.3, 0.2, 0.2, 0.1);
    assertShares(shares(options(1, 1, 2), logits), 0.4, 0.6, 0, 0, 0);
    assertShares(shares(options(1, 1, 3), logits), 2 / 7.0, 3 / 7.0, 2 / 7.0, 0, 0);
    assertShares(shares(options(1, 1, 1), logits), 0, 1, 0, 0, 0);
  }

  @Test
  void temperatureZeroTakesTheLargestAndTheFirstOfEquals() {
    assertArrayEquals(new int[] {1, 1}, draw(SamplerOptions.GREEDY, 2, 1, 3, 3, 2));
  }

  @Test
  void penaltiesGrowWithOccurrencesAndFadeAway() {
    // Presence 1 and frequency 2, halved each time: after the first choice of token 0 it loses 3.
    SamplerOptions options = new SamplerOptions(0, 1, 0, 1, 2, 0.5, 0);
    float[] logits = {5.9f, 3, 0};
    // Step by step what 0 and 1 are left with: 5.9, 3 | 2.9, 3 | 3.9, 0 | (count 1.25) 2.4, 1
    assertArrayEquals(new int[] {0, 1, 0, 0}, draw(options, 4, logits));
    // Without decay the counts stay: 5.9, 3 | 2.9, 3 | 2.9, 0 | 0.9, 0 | -1.1, 0 for 0 and 1, and 0
    // for 2.
    SamplerOptions lasting = new SamplerOptions(0, 1, 0, 1, 2, 1, 0);
    assertArrayEquals(new int[] {0, 1, 0, 0, 1}, draw(lasting, 5, logits));
  }

  @Test
  void penaltiesOfManyTokensAreThoseOfChatRwkv() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Sampler sampler = new Sampler(new SamplerOptions(0, 1, 0, 0.3, 0.7, 0.9, 0));
    Map<Integer, Double> occurrence = new HashMap<>();
    for (int step = 0; step < 600; step++) {
      float[] logits = new float[400];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = random.nextFloat();
      }
      float[] penalized = logits.clone();
      occurrence.forEach((token, n) -> penalized[token] -= (float) (0.3 + n * 0.7));
      int expected = new KnownLogits(penalized).argmax(0);
      assertEquals(expected, sampler.next(new KnownLogits(logits), 0), "seed " + seed);
      occurrence.replaceAll((token, n) -> n * 0.9);
      occurrence.merge(expected, 1.0, Double::sum);
    }
  }

  @Test
  void occurrencesCanBeForgotten() {
    Sampler sampler = new Sampler(new SamplerOptions(0, 1, 0, 5, 0, 1, 0));
    KnownLogits logits = new KnownLogits(new float[] {2, 1});
    assertEquals(0, sampler.next(logits, 0));
    assertEquals(1, sampler.next(logits, 0));
    sampler.forgetOccurrences();
    assertEquals(0, sampler.next(logits, 0));
  }

  @Test
  void aSeedGivesTheSameTokens() {
    float[] logits = new float[1000];
    SamplerOptions one = new SamplerOptions(1, 0.9, 0, 0, 0, 1, 1);
    SamplerOptions two = new SamplerOptions(1, 0.9, 0, 0, 0, 1, 2);
    assertArrayEquals(draw(one, 50, logits), draw(one, 50, logits));
    assertNotEquals(Arrays.toString(draw(one, 50, logits)), Arrays.toString(draw(two, 50, logits)));
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity"})
  void logitsThatAreNoNumbersAreAClearError(float bad) {
    float[] logits = {1, 2, bad, 3};
    for (SamplerOptions options :
        new SamplerOptions[] {
          SamplerOptions.GREEDY, options(1, 0.9, 0), new SamplerOptions(0, 1, 0, 1, 1, 1, 0)
        }) {
      String message =
          assertThrows(InputException.class, () -> draw(options, 1, logits)).getMessage();
      assertTrue(message.contains(bad + " for token 2"), message);
      assertEquals(1, message.lines().count());
    }
  }

  @Test
  void tokensOfProbabilityZeroAreNeverDrawn() {
    float[] logits = new float[3000]; // So many that whole blocks of weights are zero.
    Arrays.fill(logits, Float.NEGATIVE_INFINITY);
    logits[1] = 0;
    logits[2] = -200;
    logits[1500] = 0;
    double[] expected = new double[3000];
    expected[1] = 0.5;
    expected[1500] = 0.5;
    assertShares(shares(options(1, 1, 0), logits), expected);
    assertShares(shares(options(1, 0.999, 3), logits), expected);
    assertShares(shares(options(1e-9, 1, 0), logits), expected);
  }

  @Test
  void aSamplerThatTwoThreadsUseIsRefused() {
    Sampler sampler = new Sampler(SamplerOptions.GREEDY);
    Logits nested =
        new Logits() {
          @Override
          public int rows() {
            return 1;
          }

          @Override
          public float[] row(int row) {
            CompletableFuture.runAsync(
                    () -> refused("the sampler is in use by thread ", sampler::forgetOccurrences))
                .join();
            return new float[] {1, 2};
          }

          @Override
          public int argmax(int row) {
            return 1;
          }
        };
    assertEquals(1, sampler.next(nested, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "-1,1,0,0,0,1,--temperature -1",
    "NaN,1,0,0,0,1,--temperature NaN",
    "Infinity,1,0,0,0,1,--temperature Infinity",
    "1,1.5,0,0,0,1,--top-p 1.5",
    "1,-0.1,0,0,0,1,--top-p -0.1",
    "1,1,-2,0,0,1,--top-k -2",
    "1,1,0,NaN,0,1,--presence-penalty NaN",
    "1,1,0,0,-Infinity,1,--frequency-penalty -Infinity",
    "1,1,0,0,0,1.01,--penalty-decay 1.01"
  })
  void optionsThatMakeNoSenseAreNamed(
      double temperature,
      double topP,
      int topK,
      double presence,
      double frequency,
      double decay,
      String named) {
    String message =
        assertThrows(
                InputException.class,
                () -> new SamplerOptions(temperature, topP, topK, presence, frequency, decay, 0))
            .getMessage();
    assertTrue(message.startsWith(named + ": it has to be "), message);
  }

  @Test
  void theExponentialIsAccurate() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      float x = -87 * random.nextFloat();
      assertEquals(1, Exponential.of(x) / Math.exp(x), 2e-7, () -> "at " + x);
    }
    assertEquals(1, Exponential.of(0));
    assertEquals(0, Exponential.of(-88));
    assertEquals(0, Exponential.of(Float.NEGATIVE_INFINITY));
  }
}
