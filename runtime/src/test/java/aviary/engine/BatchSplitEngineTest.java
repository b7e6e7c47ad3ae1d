package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.EngineAgreement;
import aviary.agreement.MisuseAgreement;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Batch.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two engines of the same device: as a whole they must do what every device must. */
class BatchSplitEngineTest implements EngineAgreement, MisuseAgreement {
  private static final RandomModel SMALL = RandomModels.programs().getLast();

  @Override
  public String device() {
    return "cpu,cpu";
  }

  /** Two engines with a thread a core each would wait for each other's. */
  @Override
  public EngineOptions options() {
    return new EngineOptions(1);
  }

  @Test
  void itIsNamedAfterItsDevices() {
    try (Engine engine = Backends.open(SMALL.model(), "cpu, reference", EngineOptions.DEFAULT)) {
      assertEquals("cpu,reference", engine.device());
    }
  }

  /** On two backends, of which one computes in double precision. */
  @Test
  void sequencesAreSharedOutAndComeBackInTheirOrder() {
    int[][] tokens = {SMALL.tokens(3), SMALL.tokens(1), SMALL.tokens(5), SMALL.tokens(2)};
    try (Engine split = Backends.open(SMALL.model(), "cpu,reference", EngineOptions.DEFAULT);
        Engine cpu = Backends.open(SMALL.model(), "cpu", EngineOptions.DEFAULT)) {
      Logits expected = cpu.forward(batch(cpu, tokens));
      Logits logits = split.forward(batch(split, tokens));
      assertEquals(expected.rows(), logits.rows());
      for (int row = 0; row < expected.rows(); row++) {
        assertNear(expected.row(row), logits.row(row), "row " + row);
        assertEquals(expected.argmax(row), logits.argmax(row));
      }
    }
  }

  private void assertNear(float[] expected, float[] row, String what) {
    assertEquals(expected.length, row.length);
    double greatest = 0;
    for (float logit : expected) {
      greatest = Math.max(greatest, Math.abs(logit));
    }
    for (int i = 0; i < row.length; i++) {
      assertEquals(expected[i], row[i], tolerance() * greatest, what);
    }
  }

  /** Logits at every position of the odd sequences, and at the last of the others. */
  private static Batch batch(Engine engine, int[][] tokens) {
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      State state = engine.newState();
      sequences.add(i % 2 == 1 ? Sequence.all(state, tokens[i]) : Sequence.last(state, tokens[i]));
    }
    return new Batch(sequences);
  }

  @Test
  void aDeviceThatIsNotThereIsRefused() {
    for (String devices : new String[] {"cpu,gpu", "cpu,", ",cpu", "cpu,cpu:3"}) {
      String message =
          assertThrows(
                  InputException.class,
                  () -> Backends.open(SMALL.model(), devices, EngineOptions.DEFAULT))
              .getMessage();
      assertEquals(1, message.lines().count(), message);
      assertTrue(message.startsWith("device "), message);
    }
  }
}
