package aviary.training.mqar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.mqar.MqarTask;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MqarDataTest {

  @Test
  void anEpochShowsEveryExampleOnceInAnOrderOfItsOwn() {
    MqarData data = new MqarData(new MqarTask(70, 8, 1, false), 12, 4, 3);
    Set<String> first = new HashSet<>();
    Set<String> second = new HashSet<>();
    for (int step = 0; step < 3; step++) {
      for (int s = 0; s < 4; s++) {
        first.add(row(data.batch(step).tokens(), s));
        second.add(row(data.batch(3 + step).tokens(), s));
      }
    }
    assertEquals(12, first.size());
    assertEquals(first, second);
    assertTrue(!Arrays.equals(data.batch(0).tokens(), data.batch(3).tokens()));
  }

  private static String row(int[] tokens, int s) {
    return Arrays.toString(Arrays.copyOfRange(tokens, s * 8, s * 8 + 8));
  }
}
