package aviary.mqar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.mqar.MqarTask.Example;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MqarTaskTest {

  @Test
  void theExampleOfTheRulesComesOut() {
    Example example =
        MqarTask.assemble(16, new int[] {2, 4}, new int[] {8, 7}, new int[] {4, 1}, () -> 0);
    assertArrayEquals(new int[] {2, 8, 4, 7, 0, 0, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0}, example.tokens());
    int[] labels = new int[16];
    Arrays.fill(labels, -1);
    labels[6] = 7;
    labels[12] = 8;
    assertArrayEquals(labels, example.labels());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyExampleKeepsTheRules(boolean random) {
    MqarTask task = new MqarTask(70, 40, 7, random);
    for (int index = 0; index < 500; index++) {
      Example example = task.example(5, index);
      Set<Integer> keys = new HashSet<>();
      Set<Integer> values = new HashSet<>();
      for (int i = 0; i < 7; i++) {
        int key = example.tokens()[2 * i];
        int value = example.tokens()[2 * i + 1];
        assertTrue(key >= 1 && key < 35 && keys.add(key), "key " + key);
        assertTrue(value >= 35 && value < 70 && values.add(value), "value " + value);
        assertEquals(1, answered(example, key, value), "queries of key " + key);
      }
      long labels = Arrays.stream(example.labels()).filter(label -> label != -1).count();
      assertEquals(7, labels);
      for (int t = 14; t < 40; t++) {
        int token = example.tokens()[t];
        boolean empty = example.labels()[t] == -1;
        assertTrue(token >= 0 && token < 70);
        assertTrue(t % 2 == 0 || empty, "queries stand in the first place of a slot");
        assertTrue(random || !empty || token == 0, "what is no query is 0");
      }
    }
  }

  private static int answered(Example example, int key, int value) {
    int count = 0;
    for (int t = 14; t < 40; t++) {
      count += example.tokens()[t] == key && example.labels()[t] == value ? 1 : 0;
    }
    return count;
  }

  /**
   * Where the first key's query stands, over many examples. A count of 20,000 draws has a standard
   * deviation of less than 71; five of them are exceeded once in two million.
   */
  @Test
  void theFirstKeysSlotHasTheRulesProbabilities() {
    MqarTask task = new MqarTask(70, 40, 3, true);
    int slots = 17;
    int draws = 20_000;
    int[] counts = new int[slots];
    for (int index = 0; index < draws; index++) {
      Example example = task.example(9, index);
      int value = example.tokens()[1];
      for (int t = 6; t < 40; t++) {
        counts[(t - 6) / 2] += example.labels()[t] == value ? 1 : 0;
      }
    }
    double all = 0;
    for (int s = 0; s < slots; s++) {
      all += MqarTask.weight(s);
    }
    for (int s = 0; s < slots; s++) {
      double p = MqarTask.weight(s) / all;
      double deviation = Math.sqrt(draws * p * (1 - p));
      assertEquals(draws * p, counts[s], 5 * deviation, "slot " + s);
    }
  }

  @Test
  void emptyPlacesGetTokensOfTheWholeVocabulary() {
    MqarTask task = new MqarTask(50, 40, 1, true);
    Set<Integer> seen = new HashSet<>();
    for (int index = 0; index < 200; index++) {
      Arrays.stream(task.example(1, index).tokens()).skip(2).forEach(seen::add);
    }
    assertEquals(50, seen.size());
  }

  @Test
  void anExampleDependsOnItsSeedAndNumberAlone() {
    MqarTask task = new MqarTask(70, 40, 3, true);
    Example one = task.example(4, 17);
    task.example(4, 18);
    assertArrayEquals(one.tokens(), task.example(4, 17).tokens());
    assertTrue(!Arrays.equals(one.tokens(), task.example(5, 17).tokens()));
    assertTrue(!Arrays.equals(one.tokens(), task.example(4, 18).tokens()));
  }

  /**
   * Two examples of 8 pairs of 4096 keys share a key by chance in 1.6 % of cases, and two keys in
   * 0.01 %.
   */
  @Test
  void neighbouringSeedsAndNumbersHaveNothingInCommon() {
    MqarTask task = new MqarTask(8192, 64, 8, true);
    int shared = 0;
    int compared = 0;
    for (int seed = 0; seed < 20; seed++) {
      for (int index = 0; index < 20; index++) {
        Set<Integer> keys = keys(task.example(seed, index));
        for (long[] other :
            new long[][] {{seed + 1, index}, {seed, index + 1}, {seed + 2, index}}) {
          Set<Integer> its = keys(task.example(other[0], other[1]));
          its.retainAll(keys);
          assertTrue(its.size() < 3, "seed %d, number %d: %s".formatted(seed, index, its));
          shared += its.size();
          compared++;
        }
      }
    }
    // 1,200 comparisons expect 19 shared keys, with a deviation of 4.3.
    assertTrue(shared < 45, shared + " keys are shared in " + compared + " comparisons");
  }

  private static Set<Integer> keys(Example example) {
    Set<Integer> keys = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      keys.add(example.tokens()[2 * i]);
    }
    return keys;
  }

  @ParameterizedTest
  @CsvSource({
    "70, 40, 0, --pairs 0",
    "70, 41, 3, --length 41",
    "70, 40, 11, --pairs 11",
    "40, 40, 3, --vocab-size 40",
    "8, 4, 1, ''"
  })
  void sizesThatCannotBeAreNamed(int vocabulary, int length, int pairs, String named) {
    if (named.isEmpty()) {
      new MqarTask(vocabulary, length, pairs, true);
      return;
    }
    InputException e =
        assertThrows(InputException.class, () -> new MqarTask(vocabulary, length, pairs, true));
    assertTrue(e.getMessage().startsWith(named), e.getMessage());
  }
}
