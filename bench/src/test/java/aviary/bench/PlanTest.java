package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.model.WeightType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
  @Test
  void whatAListHasTwiceIsMeasuredOnce() {
    Subject shape = new Subject.Shape("finch-0.4b", WeightType.F32);
    List<Integer> twice = List.of(8, 4, 8);
    Plan plan =
        new Plan(
            List.of(shape, new Subject.Shape("finch-0.4b", WeightType.F32)),
            List.of("cpu", "cpu"),
            List.of(1, 1),
            twice,
            twice,
            List.of(new Plan.Mix(8, 4), new Plan.Mix(8, 4)),
            twice,
            twice,
            1,
            0,
            false,
            0);
    assertEquals(List.of(shape), plan.subjects());
    assertEquals(List.of("cpu"), plan.devices());
    assertEquals(List.of(1), plan.threads());
    assertEquals(List.of(8, 4), plan.prompts());
    assertEquals(List.of(8, 4), plan.generations());
    assertEquals(List.of(8, 4), plan.sequences());
    assertEquals(List.of(8, 4), plan.depths());
    assertEquals(List.of(new Plan.Mix(8, 4)), plan.mixes());
  }

  @ParameterizedTest
  @CsvSource({"-1, 4, 1, 1, -p -1", "8, 4, 0, 1, --batch-size 0", "8, 4, 1, 0, -r 0"})
  void numbersThatMakeNoSenseAreNamed(int p, int n, int batch, int r, String named) {
    String message =
        assertThrows(
                InputException.class,
                () ->
                    new Plan(
                        List.of(new Subject.File(Path.of("model"), null)),
                        List.of("cpu"),
                        List.of(0),
                        List.of(p),
                        List.of(n),
                        List.of(),
                        List.of(batch),
                        List.of(0),
                        r,
                        0,
                        false,
                        0))
            .getMessage();
    assertTrue(message.startsWith(named + ": it has to be"), message);
  }
}
