package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.model.ModelConfig;
import aviary.model.PublishedShapes;
import aviary.model.WeightType;
import org.junit.jupiter.api.Test;

class SubjectTest {
  @Test
  void aShapeThatDoesNotFitIsRefusedWithBothSizes() {
    ModelConfig config = PublishedShapes.find("finch-14b").config();
    String message =
        assertThrows(
                InputException.class,
                () -> Subject.Shape.requireFits("finch-14b", WeightType.BF16, config, 8L << 30))
            .getMessage();
    assertTrue(
        message.matches(
            "--shape finch-14b: its weights take 2[0-9]{4} MiB in bf16,"
                + " and this machine has 8192 MiB of memory"),
        message);
    Subject.Shape.requireFits("finch-14b", WeightType.BF16, config, 64L << 30);
  }

  /** A state of the 0.4B shape has 24 (2 1024 + 16 64 64) floats, its logits 65,536. */
  @Test
  void sequencesThatDoNotFitAreRefusedWithBothSizes() {
    ModelConfig config = PublishedShapes.find("finch-0.4b").config();
    Subject.Kind kind = new Subject.Kind(config, WeightType.Q8_0);
    String message =
        assertThrows(
                InputException.class, () -> kind.requireStatesFit("finch-0.4b", 4096, 8L << 30))
            .getMessage();
    assertEquals(
        "--batch-size 4096: the states and logits of so many sequences of finch-0.4b take 26368 MiB,"
            + " and the JVM's heap can have 8192 MiB; with -Xmx it can have more, if the machine"
            + " does",
        message);
    kind.requireStatesFit("finch-0.4b", 1024, 8L << 30);
  }

  @Test
  void aShapeThatNobodyPublishedIsRefused() {
    String message =
        assertThrows(InputException.class, () -> new Subject.Shape("finch-9b", WeightType.BF16))
            .getMessage();
    assertTrue(message.contains("finch-7b"), message);
  }
}
