package aviary.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.model.ModelConfig.Architecture;
import aviary.model.Op;
import aviary.model.Op.TokenShift.Slot;
import aviary.model.Program;
import aviary.model.Value;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerPartsTest {

  /**
   * The recurrence needs neither the gate nor what comes behind it. The rest reads the layer's
   * input, the recurrence's result, and what the gate is made of.
   */
  @ParameterizedTest
  @CsvSource({"FINCH, 3", "EAGLE, 4"})
  void theGateAndWhatComesBehindTheRecurrenceAreTheRest(Architecture architecture, int between) {
    Program program = SmallTraining.initial(architecture).program();
    LayerParts parts = LayerParts.of(program);
    assertEquals(
        Set.of(
            "att.gate.weight",
            "att.output.weight",
            "ffn.key.weight",
            "ffn.receptance.weight",
            "ffn.value.weight"),
        parts.rest().stream()
            .filter(op -> op instanceof Op.MatMul)
            .map(op -> ((Op.MatMul) op).weight().name())
            .collect(Collectors.toSet()));
    Set<Value> read =
        parts.rest().stream().flatMap(op -> op.inputs().stream()).collect(Collectors.toSet());
    Set<Value> given =
        parts.recurrence().stream()
            .flatMap(op -> op.outputs().stream())
            .collect(Collectors.toSet());
    given.add(program.hidden());
    read.retainAll(given);
    assertEquals(read, Set.copyOf(parts.between()));
    assertEquals(between, parts.between().size());
  }

  @Test
  void aRestThatLooksTwoTokensBackIsRefused() {
    Op shift = new Op.TokenShift(new Value("a", 2), Slot.FFN, new Value("b", 2));
    Op second = new Op.TokenShift(new Value("b", 2), Slot.ATT, new Value("c", 2));
    List<Op> rest = List.of(shift, second);
    assertThrows(IllegalArgumentException.class, () -> new LayerParts(List.of(), rest, List.of()));
  }
}
