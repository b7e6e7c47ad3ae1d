package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.model.ModelConfig.Architecture;
import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where operations behind the last recurrence run, and which these are. */
class RowsTest {

  /** Sequences of ten tokens with labels at some rows. */
  private static Sequences labelled(int count, int... rows) {
    int[] labels = new int[10 * count];
    Arrays.fill(labels, Sequences.NOTHING);
    for (int row : rows) {
      labels[row] = 1;
    }
    return new Sequences(count, 10, new int[10 * count], labels);
  }

  @Test
  void labelledRowsThoseBeforeThemAndTheLastAreAsked() {
    Rows asked = Rows.asked(labelled(2, 3, 4, 10, 19));
    assertArrayEquals(new int[] {2, 3, 4, 9, 10, 18, 19}, asked.of());
    assertArrayEquals(new int[] {1, 2, 4, 6}, Rows.labelled(asked.batch()).in(asked));
    assertTrue(asked.isFirst(4), "the second sequence's first");
    assertTrue(asked.isLast(3), "the first sequence's last");
    assertTrue(asked.hasBefore(1));
    assertEquals(1, asked.sequence(4));
    for (int row : new int[] {0, 3, 4, 5}) {
      assertFalse(asked.hasBefore(row), "row " + row);
    }
  }

  @Test
  void withoutLabelsTheLastAreAsked() {
    assertArrayEquals(new int[] {9, 19}, Rows.asked(labelled(2)).of());
  }

  @Test
  void allAreAskedWhereTheyAreMost() {
    assertTrue(Rows.asked(labelled(1, 1, 3, 5)).isAll());
  }

  /** The recurrence needs neither the gate nor what comes behind it. */
  @ParameterizedTest
  @EnumSource(Architecture.class)
  void aLayerIsCutBehindItsRecurrence(Architecture architecture) {
    Program program = SmallTraining.initial(architecture).program();
    LayerParts parts = LayerParts.of(program);
    assertEquals(
        program.layer().size(), parts.recurrence().size() + parts.behind().size(), "operations");
    assertTrue(parts.recurrence().stream().anyMatch(op -> op instanceof Op.Wkv));
    assertTrue(
        parts.behind().stream()
            .anyMatch(
                op -> op instanceof Op.MatMul m && m.weight().name().equals("att.gate.weight")));
    assertTrue(parts.between().contains(program.hidden()));
    Value recurrence =
        parts.recurrence().stream()
            .filter(op -> op instanceof Op.Wkv)
            .findFirst()
            .orElseThrow()
            .outputs()
            .getFirst();
    assertTrue(parts.between().contains(recurrence));
  }
}
