package aviary.mqar;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import java.util.ArrayList;
import java.util.List;

/** An engine that computes nothing, and remembers how many rows of logits it was asked for. */
final class CountingEngine implements Engine {
  final List<Integer> wanted = new ArrayList<>();
  private final ModelConfig config;

  CountingEngine(int vocabulary) {
    config = new ModelShape(Architecture.FINCH, 1, 8, vocabulary, 8, null, null, null).config();
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public String device() {
    return "counting";
  }

  @Override
  public State newState() {
    return new Nothing();
  }

  @Override
  public State newState(StateData data) {
    return new Nothing();
  }

  @Override
  public Logits forward(Batch batch) {
    wanted.add(batch.wantedRows());
    return new Logits() {
      @Override
      public int rows() {
        return batch.wantedRows();
      }

      @Override
      public float[] row(int row) {
        throw new AssertionError("whole rows are not needed");
      }

      @Override
      public int argmax(int row) {
        return 0;
      }
    };
  }

  @Override
  public void close() {
    // It holds nothing.
  }

  private static final class Nothing implements State {
    @Override
    public State fork() {
      return new Nothing();
    }

    @Override
    public StateData read() {
      throw new AssertionError("nobody reads it");
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }
}
