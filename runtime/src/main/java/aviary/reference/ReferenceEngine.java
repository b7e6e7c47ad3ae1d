package aviary.reference;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Program;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Walks a model's program in double precision, one sequence after the other. States keep double
 * precision between calls; only what leaves the engine is rounded to float32.
 */
public final class ReferenceEngine implements Engine {
  private final Model model;
  private final Program program;
  private final ReferenceWeights weights;

  /**
   * @param model the model; its memory must stay open as long as the engine
   */
  public ReferenceEngine(Model model) {
    this.model = model;
    program = Program.of(model.config());
    weights = new ReferenceWeights(model);
  }

  @Override
  public ModelConfig config() {
    return model.config();
  }

  @Override
  public String device() {
    return ReferenceBackend.NAME;
  }

  @Override
  public State newState() {
    return ReferenceState.of(this, model.initialState());
  }

  @Override
  public State newState(StateData data) {
    data.requireFits(model.config());
    return ReferenceState.of(this, data);
  }

  @Override
  public Logits forward(Batch batch) {
    validate(batch);
    List<ReferenceState> moved = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    for (Batch.Sequence sequence : batch.sequences()) {
      ReferenceState state = ((ReferenceState) sequence.state()).fork();
      moved.add(state);
      for (double[] row : Walk.run(program, weights, sequence.tokens(), sequence.wanted(), state)) {
        logits.add(ReferenceOps.toFloats(row));
      }
    }
    // Only now, so that a failure in any of the sequences leaves all states as they were.
    for (int i = 0; i < moved.size(); i++) {
      ((ReferenceState) batch.sequences().get(i).state()).become(moved.get(i));
    }
    return new ReferenceLogits(logits);
  }

  private void validate(Batch batch) {
    Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Batch.Sequence sequence : batch.sequences()) {
      if (!(sequence.state() instanceof ReferenceState state) || state.engine != this) {
        throw new IllegalArgumentException("a state of another engine");
      }
      if (!states.add(state)) {
        throw new IllegalArgumentException("one state in two sequences of a batch");
      }
      config().requireTokens(sequence.tokens());
    }
  }

  @Override
  public void close() {}

  private record ReferenceLogits(List<float[]> logits) implements Logits {
    @Override
    public int rows() {
      return logits.size();
    }

    @Override
    public float[] row(int row) {
      return logits.get(row).clone();
    }

    @Override
    public int argmax(int row) {
      float[] numbers = logits.get(row);
      int best = 0;
      for (int i = 1; i < numbers.length; i++) {
        if (numbers[i] > numbers[best]) {
          best = i;
        }
      }
      return best;
    }
  }
}
