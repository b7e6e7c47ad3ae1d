package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every device must do on models of random weights. A backend's test class implements this and
 * names a device; the expected numbers come from {@link ReferenceBackend}.
 */
public interface EngineAgreement extends OnDevice {

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  default void agreesWithTheReferenceByEveryWay(RandomModel random) {
    Model model = random.model();
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = open(model)) {
      for (int count : new int[] {1, 2, 41}) {
        int[] tokens = random.tokens(count);
        Outcome expected = Way.ONE_PIECE.run(reference, tokens);
        for (Way way : Way.values()) {
          String what = "%d tokens %s".formatted(count, way);
          way.run(engine, tokens).assertLike(expected, tolerance(), what);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void agreesAfterALongPrompt(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(700);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = open(model)) {
      Outcome expected = Way.ONE_PIECE.run(reference, tokens);
      Way.ONE_PIECE.run(engine, tokens).assertLike(expected, tolerance(), "700 tokens at once");
      Way.TOKEN_BY_TOKEN.run(engine, tokens).assertLike(expected, tolerance(), "one by one");
      Way.IN_A_BATCH.run(engine, tokens).assertLike(expected, tolerance(), "in a batch");
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  default void agreesForEverySequenceOfABatch(RandomModel random) {
    Model model = random.model();
    int[] lengths = {3, 1, 30, 1, 12, 7};
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = open(model)) {
      List<State> expected = newStates(reference, lengths.length);
      List<State> states = newStates(engine, lengths.length);
      for (int round = 0; round < 3; round++) {
        Logits logits = engine.forward(mixedBatch(random, states, lengths, round));
        Logits right = reference.forward(mixedBatch(random, expected, lengths, round));
        assertEquals(right.rows(), logits.rows());
        List<float[]> rows = Outcome.rows(logits, 0, logits.rows());
        List<float[]> rightRows = Outcome.rows(right, 0, logits.rows());
        for (int i = 0; i < lengths.length; i++) {
          new Outcome(rows, states.get(i).read())
              .assertLike(
                  new Outcome(rightRows, expected.get(i).read()),
                  tolerance(),
                  "round %d, sequence %d".formatted(round, i));
        }
      }
    }
  }

  private static List<State> newStates(Engine engine, int count) {
    List<State> states = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      states.add(engine.newState());
    }
    return states;
  }

  /** Sequences of different lengths that want all, none, the last, or a few of their positions. */
  private static Batch mixedBatch(
      RandomModel random, List<State> states, int[] lengths, int round) {
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      int length = lengths[(i + round) % lengths.length];
      int[] tokens =
          Arrays.copyOfRange(random.tokens(100), round + 10 * i, round + 10 * i + length);
      sequences.add(
          switch (i % 4) {
            case 0 -> Sequence.all(states.get(i), tokens);
            case 1 -> Sequence.silent(states.get(i), tokens);
            case 2 -> Sequence.last(states.get(i), tokens);
            default -> new Sequence(states.get(i), tokens, new int[] {length / 2});
          });
    }
    return new Batch(sequences);
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  default void saysWhichTokenIsMostLikely(RandomModel random) {
    try (Engine engine = open(random.model())) {
      Logits logits = engine.forward(Batch.of(Sequence.all(engine.newState(), random.tokens(20))));
      int[] best = new int[logits.rows()];
      Arrays.setAll(best, logits::argmax);
      for (int row = 0; row < best.length; row++) {
        float[] numbers = logits.row(row);
        for (int id = 0; id < numbers.length; id++) {
          assertTrue(
              id < best[row] ? numbers[id] < numbers[best[row]] : numbers[id] <= numbers[best[row]],
              "row %d: %d is said to be most likely, but %d is".formatted(row, best[row], id));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void givesTheSameBitsWhenRunAgain(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(130);
    try (Engine first = open(model);
        Engine second = open(model)) {
      for (Way way : new Way[] {Way.ONE_PIECE, Way.TOKEN_BY_TOKEN, Way.IN_A_BATCH}) {
        Outcome once = way.run(first, tokens);
        for (Outcome again : List.of(way.run(first, tokens), way.run(second, tokens))) {
          for (int i = 0; i < tokens.length; i++) {
            assertArrayEquals(once.logits().get(i), again.logits().get(i), 0f, way + " row " + i);
          }
          assertArrayEquals(once.state().wkv(), again.state().wkv(), 0f, way + " wkv");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void goesOnFromAnotherEnginesState(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(24);
    int[] rest = Arrays.copyOfRange(tokens, 11, 24);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = open(model)) {
      State there = reference.newState();
      reference.forward(Batch.of(Sequence.silent(there, Arrays.copyOf(tokens, 11))));
      State here = engine.newState(there.read());
      Logits right = reference.forward(Batch.of(Sequence.all(there, rest)));
      Logits logits = engine.forward(Batch.of(Sequence.all(here, rest)));
      new Outcome(Outcome.rows(logits, 0, rest.length), here.read())
          .assertLike(
              new Outcome(Outcome.rows(right, 0, rest.length), there.read()),
              tolerance(),
              "after 11 tokens elsewhere");
    }
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void aTokenOutOfRangeMovesNoState(RandomModel random) {
    try (Engine engine = open(random.model())) {
      int vocabulary = random.config().vocabulary();
      for (int bad : new int[] {vocabulary, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        State good = engine.newState();
        State other = engine.newState();
        engine.forward(Batch.of(Sequence.silent(good, 1, 2), Sequence.silent(other, 3)));
        StateData before = good.read();
        StateData otherBefore = other.read();
        Batch batch = Batch.of(Sequence.all(good, 1, 2, 3), Sequence.all(other, 2, bad, 1));
        String message =
            assertThrows(InputException.class, () -> engine.forward(batch)).getMessage();
        assertTrue(message.contains(String.valueOf(bad)), message);
        assertSame(before, good.read());
        assertSame(otherBefore, other.read());
      }
    }
  }

  private static void assertSame(StateData expected, StateData actual) {
    assertArrayEquals(expected.attShift(), actual.attShift());
    assertArrayEquals(expected.ffnShift(), actual.ffnShift());
    assertArrayEquals(expected.wkv(), actual.wkv());
  }

  @Test
  default void aStateOfAnotherModelIsRefused() {
    RandomModel random = RandomModels.programs().getFirst();
    RandomModel other = RandomModels.all().getFirst();
    try (Engine engine = open(random.model());
        Engine stranger = open(other.model())) {
      StateData data = stranger.newState().read();
      assertThrows(InputException.class, () -> engine.newState(data));
    }
  }

  @Test
  default void aReadStateIsACopy() {
    RandomModel random = RandomModels.programs().getFirst();
    int[] tokens = random.tokens(9);
    try (Engine engine = open(random.model())) {
      State state = engine.newState();
      engine.forward(Batch.of(Sequence.silent(state, tokens)));
      StateData read = state.read();
      StateData kept = state.read();
      State given = engine.newState(read);
      for (float[] part : new float[][] {read.attShift(), read.ffnShift(), read.wkv()}) {
        Arrays.fill(part, Float.NaN);
      }
      assertSame(kept, state.read());
      assertSame(kept, given.read());
      engine.forward(Batch.of(Sequence.silent(state, tokens)));
      assertFalse(Arrays.equals(kept.wkv(), state.read().wkv()), "the state did not move");
      assertSame(kept, given.read());
    }
  }

  /** A number that is none must show, and must not spread to other sequences. */
  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void aNanInOneSequenceStaysInIt(RandomModel random) {
    Model model = random.model();
    int[] tokens = random.tokens(20);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = open(model)) {
      StateData broken = engine.newState().read();
      broken.attShift()[5] = Float.NaN;
      State sick = engine.newState(broken);
      State healthy = engine.newState();
      Batch batch = Batch.of(Sequence.all(sick, 1, 2, 3), Sequence.all(healthy, tokens));
      Logits logits = engine.forward(batch);
      for (float[] row : Outcome.rows(logits, 0, 3)) {
        for (float number : row) {
          assertTrue(Float.isNaN(number), "a logit after a NaN is " + number);
        }
      }
      new Outcome(Outcome.rows(logits, 3, tokens.length), healthy.read())
          .assertLike(Way.ONE_PIECE.run(reference, tokens), tolerance(), "beside a NaN");
    }
  }
}
