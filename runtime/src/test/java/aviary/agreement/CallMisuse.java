package aviary.agreement;

import static aviary.agreement.Outcome.lastRow;
import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import org.junit.jupiter.api.Test;

/** Wrong states, batches and logits, and calls of a closed engine. */
public interface CallMisuse extends OnDevice {
  @Test
  default void aStateThatCannotBeUsedIsRefusedAndNoOtherMoves() {
    RandomModel random = RandomModels.programs().getLast();
    int[] tokens = random.tokens(7);
    try (Engine engine = open(random.model());
        Engine other = open(random.model())) {
      final float[] right = lastRow(engine, tokens);
      State good = engine.newState();
      final StateData before = good.read();
      State closed = engine.newState();
      closed.close();
      closed.close();
      refused("the state is closed", () -> engine.forward(both(good, closed)));
      refused("the state is closed", closed::fork);
      refused("the state is closed", closed::read);
      State strange = other.newState();
      refused(
          IllegalArgumentException.class,
          "sequence 1 of the batch has a state of another engine",
          () -> engine.forward(both(good, strange)));
      refused(
          IllegalArgumentException.class,
          "sequence 1 of the batch has the state of another sequence",
          () -> engine.forward(both(good, good)));
      assertArrayEquals(before.wkv(), good.read().wkv());
      assertArrayEquals(before.attShift(), good.read().attShift());
      assertArrayEquals(right, engine.forward(Batch.of(Sequence.last(good, tokens))).row(0));
      assertArrayEquals(right, lastRow(other, tokens));
    }
  }

  private static Batch both(State one, State two) {
    return Batch.of(Sequence.last(one, 1, 2), Sequence.last(two, 3));
  }

  @Test
  default void aBatchWithoutSenseIsRefusedAndAnEmptyOneDoesNothing() {
    RandomModel random = RandomModels.programs().getLast();
    try (Engine engine = open(random.model())) {
      assertEquals(0, engine.forward(Batch.of()).rows());
      State state = engine.newState();
      int[] none = {};
      refused(
          IllegalArgumentException.class, "at least one token", () -> Sequence.silent(state, none));
      refused(NullPointerException.class, "needs a state", () -> Sequence.silent(null, 1));
      refused(
          IllegalArgumentException.class,
          "wanted position",
          () -> Sequence.tail(state, new int[] {1, 2}, 3));
      refused(
          InputException.class,
          "token " + random.config().vocabulary(),
          () -> engine.forward(Batch.of(Sequence.last(state, random.config().vocabulary()))));
      StateData data = state.read();
      refused(
          IllegalArgumentException.class,
          "the state's arrays",
          () ->
              engine.newState(
                  new StateData(
                      data.layers(),
                      data.width(),
                      data.heads(),
                      data.headSize(),
                      data.attShift(),
                      new float[1],
                      data.wkv())));
    }
  }

  @Test
  default void logitsOfAnEarlierBatchAreRefused() {
    RandomModel random = RandomModels.programs().getLast();
    try (Engine engine = open(random.model())) {
      State state = engine.newState();
      Logits first = engine.forward(Batch.of(Sequence.all(state, random.tokens(3))));
      float[] row = first.row(2);
      final float[] kept = row.clone();
      refused(IndexOutOfBoundsException.class, "row 3 of logits", () -> first.row(3));
      refused(IndexOutOfBoundsException.class, "row -1 of logits", () -> first.argmax(-1));
      Logits second = engine.forward(Batch.of(Sequence.all(state, random.tokens(3))));
      refused("the logits are of an earlier batch", () -> first.row(0));
      refused("the logits are of an earlier batch", () -> first.argmax(0));
      assertArrayEquals(kept, row);
      second.row(2);
      // Long prompts run in several passes.
      Logits long1 = engine.forward(Batch.of(Sequence.all(state, random.tokens(600))));
      long1.row(599);
      engine.forward(Batch.of(Sequence.last(state, 1)));
      refused("the logits are of an earlier batch", () -> long1.row(0));
    }
  }

  @Test
  default void aClosedEngineRefusesAllAndClosingAgainDoesNothing() {
    RandomModel random = RandomModels.programs().getLast();
    Engine engine = open(random.model());
    State state = engine.newState();
    State other = engine.newState();
    final StateData data = state.read();
    Logits logits = engine.forward(Batch.of(Sequence.last(state, 1)));
    engine.close();
    engine.close();
    String closed = "the engine %s is closed".formatted(engine.device());
    refused(closed, engine::newState);
    refused(closed, () -> engine.newState(data));
    refused(closed, () -> engine.forward(Batch.of(Sequence.last(state, 1))));
    refused(closed, () -> engine.forward(Batch.of()));
    refused(closed, state::read);
    refused(closed, state::fork);
    refused(closed, () -> logits.row(0));
    refused(closed, () -> logits.argmax(0));
    refused(closed, engine::startProfile);
    refused(closed, engine::profile);
    refused(closed, engine::allocatedBytes);
    assertEquals(random.config(), engine.config());
    state.close();
    state.close();
    other.close();
  }
}
