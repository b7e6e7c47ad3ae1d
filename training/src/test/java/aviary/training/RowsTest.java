package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Which rows run. */
class RowsTest {

  /** Sequences of so many tokens with labels at some rows. */
  private static Sequences labelled(int count, int length, int... rows) {
    int[] labels = new int[count * length];
    Arrays.fill(labels, Sequences.NOTHING);
    for (int row : rows) {
      labels[row] = 1;
    }
    return new Sequences(count, length, new int[count * length], labels);
  }

  @Test
  void labelledRowsThoseBeforeThemAndTheLastAreNeeded() {
    Rows needed = Rows.all(labelled(2, 10, 3, 4, 10, 19)).needed();
    assertArrayEquals(new int[] {2, 3, 4, 9, 10, 18, 19}, needed.indices());
    assertArrayEquals(new int[] {1, 2, 4, 6}, Rows.labelled(needed.batch()).placesIn(needed));
    assertTrue(needed.isFirst(4), "the second sequence's first");
    assertTrue(needed.isLast(3), "the first sequence's last");
    assertTrue(needed.hasPrevious(1));
    assertEquals(1, needed.sequence(4));
    for (int row : new int[] {0, 3, 4, 5}) {
      assertFalse(needed.hasPrevious(row), "row " + row);
    }
  }

  @Test
  void withoutLabelsTheLastAreNeeded() {
    assertArrayEquals(new int[] {9, 19}, Rows.all(labelled(2, 10)).needed().indices());
  }

  @Test
  void rowsThemselvesAreNeededWhereItIsMostOfThem() {
    Rows six = Rows.all(labelled(1, 10, 1, 3, 9));
    assertSame(six, six.needed());
    Rows half = Rows.all(labelled(1, 10, 1, 3));
    assertNotSame(half, half.needed());
    assertEquals(5, half.needed().count());
  }

  @Test
  void rowsBehindTheLastLabelAreLeftOut() {
    Rows rows = Rows.upToLastLabels(labelled(4, 5, 1, 3, 14, 15));
    assertArrayEquals(new int[] {0, 1, 2, 3, 10, 11, 12, 13, 14, 15}, rows.indices());
    assertArrayEquals(new int[] {0, 4, 4, 9, 10}, rows.begins());
    assertTrue(rows.isLast(8));
    assertFalse(rows.isLast(3), "rows that are left out are behind it");
    assertEquals(0, Rows.upToLastLabels(labelled(3, 5)).count());
  }

  @Test
  void oneTokenIsItsSequencesFirstAndLast() {
    Rows rows = Rows.upToLastLabels(labelled(3, 1, 0, 2));
    assertSame(rows, rows.needed());
    assertArrayEquals(new int[] {0, 2}, rows.indices());
    assertTrue(rows.isFirst(1) && rows.isLast(1));
    assertFalse(rows.hasPrevious(1));
  }

  @Test
  void rowsArePickedAndSpread() {
    float[] picked = new float[4];
    Rows.gather(new int[] {0, 2}, new float[] {1, 2, 3, 4, 5, 6}, picked, 2);
    assertArrayEquals(new float[] {1, 2, 5, 6}, picked);
    float[] all = {9, 9, 9, 9, 9, 9, 9};
    Rows.scatter(new int[] {0, 2}, picked, all, 3, 2);
    assertArrayEquals(new float[] {1, 2, 0, 0, 5, 6, 9}, all);
  }
}
