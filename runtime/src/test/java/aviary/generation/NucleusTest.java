package aviary.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NucleusTest {
  /** As ChatRWKV does it: sort, add up, cut. */
  private static float[] sorted(float[] weights, double topP, int topK) {
    int[] order =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -weights[i]))
            .mapToInt(i -> i)
            .toArray();
    double all = IntStream.range(0, weights.length).mapToDouble(i -> weights[i]).sum();
    double sum = 0;
    float least = 0;
    for (int at = 0; topP < 1 && at < order.length; at++) {
      sum += weights[order[at]];
      least = weights[order[at]];
      if (sum >= topP * all) {
        break;
      }
    }
    float[] kept = new float[weights.length];
    for (int at = 0; at < (topK == 0 ? order.length : Math.min(topK, order.length)); at++) {
      float weight = weights[order[at]];
      kept[order[at]] = weight < least ? 0 : weight;
    }
    return kept;
  }

  @Test
  void agreesWithSorting() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Nucleus nucleus = new Nucleus();
    for (int round = 0; round < 3000; round++) {
      float[] weights = new float[1 + random.nextInt(300)];
      float spread = random.nextFloat() * random.nextFloat() * 100;
      int steps = random.nextInt(4) == 0 ? 4 : 1 << 20; // Few steps make many equal weights.
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Exponential.of(-spread * random.nextInt(steps) / steps);
      }
      weights[random.nextInt(weights.length)] = 1;
      double topP = random.nextInt(3) == 0 ? 1 : random.nextDouble();
      int topK = random.nextInt(3) == 0 ? 0 : random.nextInt(weights.length + 5);
      float[] expected = sorted(weights, topP, topK);
      float[] kept = weights.clone();
      nucleus.keep(kept, topP, topK);
      assertArrayEquals(
          expected,
          kept,
          () ->
              "seed %d, top-p %s, top-k %d, %s"
                  .formatted(seed, topP, topK, Arrays.toString(weights)));
    }
  }
}
