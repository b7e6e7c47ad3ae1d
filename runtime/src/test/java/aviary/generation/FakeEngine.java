package aviary.generation;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * A model whose logits are any function of all tokens seen, and whose state is the list of those.
 */
final class FakeEngine implements Engine {
  private static final int VOCABULARY = 300;

  private final ToIntFunction<List<Integer>> favourite;
  private int openStates;
  private int rowsFetched;
  private float disturbance;

  private FakeEngine(ToIntFunction<List<Integer>> favourite) {
    this.favourite = favourite;
  }

  /** A model that rambles: what it expects depends on every token it has seen. */
  static FakeEngine rambling() {
    return new FakeEngine(seen -> new Random(seen.hashCode()).nextInt(1, 257));
  }

  /** A model that writes the tokens behind a prompt of the given length, and then ends the text. */
  static FakeEngine reciting(int promptTokens, int... script) {
    return new FakeEngine(seen -> {
      int at = seen.size() - promptTokens;
      return at >= 0 && at < script.length ? script[at] : 0;
    });
  }

  /** A model that writes what the function gives for all tokens seen. */
  static FakeEngine writing(ToIntFunction<List<Integer>> favourite) {
    return new FakeEngine(favourite);
  }

  /** From now on all logits are NaN. */
  void breakDown() {
    disturbance = Float.NaN;
  }

  int openStates() {
    return openStates;
  }

  int rowsFetched() {
    return rowsFetched;
  }

  @Override
  public ModelConfig config() {
    return new ModelConfig(
        ModelConfig.Architecture.FINCH,
        1,
        1,
        1,
        1,
        1,
        VOCABULARY,
        1,
        1,
        1,
        true,
        ModelConfig.DecayForm.PER_CHANNEL);
  }

  @Override
  public String device() {
    return "fake";
  }

  @Override
  public State newState() {
    return new FakeState(List.of());
  }

  @Override
  public State newState(StateData data) {
    if (data.layers() != 1) {
      throw new InputException("state of another model");
    }
    return new FakeState(seen(data));
  }

  @Override
  public Logits forward(Batch batch) {
    Batch.Sequence sequence = batch.sequences().getFirst();
    FakeState state = (FakeState) sequence.state();
    if (!state.open) {
      throw new IllegalStateException("a closed state was run");
    }
    for (int token : sequence.tokens()) {
      state.seen.add(token);
    }
    return new FakeLogits(row(state.seen));
  }

  @Override
  public void close() {}

  /** The tokens that a state has seen. */
  static List<Integer> seen(StateData data) {
    return IntStream.range(0, data.wkv().length).mapToObj(i -> (int) data.wkv()[i]).toList();
  }

  private float[] row(List<Integer> seen) {
    Random random = new Random(seen.hashCode());
    float[] row = new float[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      row[i] = random.nextFloat() + disturbance;
    }
    row[favourite.applyAsInt(seen)] += 3;
    return row;
  }

  private final class FakeState implements State {
    private final List<Integer> seen;
    private boolean open = true;

    FakeState(List<Integer> seen) {
      this.seen = new ArrayList<>(seen);
      openStates++;
    }

    @Override
    public State fork() {
      return new FakeState(seen);
    }

    @Override
    public StateData read() {
      float[] tokens = new float[seen.size()];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = seen.get(i);
      }
      return new StateData(1, 1, 1, 1, new float[1], new float[1], tokens);
    }

    @Override
    public void close() {
      if (!open) {
        throw new IllegalStateException("a state was closed twice");
      }
      open = false;
      openStates--;
    }
  }

  private final class FakeLogits implements Logits {
    private final KnownLogits row;

    FakeLogits(float[] row) {
      this.row = new KnownLogits(row);
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public float[] row(int index) {
      rowsFetched++;
      return row.row(index);
    }

    @Override
    public int argmax(int index) {
      return row.argmax(index);
    }
  }
}
