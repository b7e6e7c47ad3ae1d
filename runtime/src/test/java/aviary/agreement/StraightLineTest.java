package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Engine;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.reference.ReferenceOps;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs, the reference that walks them, and the random models that tests are made with. */
class StraightLineTest {

  /** Both compute in double precision; what is compared is rounded to float32, by 6e-8 at most. */
  private static final double TOLERANCE = 1.2e-7;

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  void theProgramsSayWhatTheFormulasSay(RandomModel random) {
    int[] tokens = random.tokens(33);
    Model model = random.model();
    try (var reference = ReferenceBackend.engine(model)) {
      Outcome walked = Way.ONE_PIECE.run(reference, tokens);
      walked.assertLike(straight(model, tokens), TOLERANCE, "the walk");
    }
  }

  private static Outcome straight(Model model, int[] tokens) {
    var straight = new StraightLine(model);
    List<float[]> rows = new ArrayList<>();
    for (int token : tokens) {
      rows.add(ReferenceOps.toFloats(straight.next(token)));
    }
    return new Outcome(rows, straight.state());
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#all")
  void theFirstTokenStillMattersAtTheEnd(RandomModel random) {
    int[] tokens = random.tokens(12);
    int[] others = tokens.clone();
    others[0] = (tokens[0] + 1) % random.config().vocabulary();
    try (var reference = ReferenceBackend.engine(random.model())) {
      Outcome one = last(reference, tokens);
      double distance = last(reference, others).distance(one);
      assertTrue(distance > 0.01, "the last logits moved by only " + distance + ": " + random);
    }
  }

  private static Outcome last(Engine engine, int[] tokens) {
    Outcome all = Way.ONE_PIECE.run(engine, tokens);
    return new Outcome(List.of(all.logits().getLast()), all.state());
  }
}
