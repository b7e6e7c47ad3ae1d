package aviary.reference;

import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Pass;
import aviary.engine.Stage;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walks a model's program in double precision, one sequence after the other. States keep double
 * precision between calls; only what leaves the stage is rounded to float32.
 */
final class ReferenceStage implements Stage {
  private final ModelConfig config;
  private final Program program;
  private final ReferenceWeights weights;
  private final Layers layers;

  ReferenceStage(Model model, Layers layers) {
    this.layers = layers;
    config = model.config();
    program = model.program();
    weights = new ReferenceWeights(model);
  }

  @Override
  public Layers layers() {
    return layers;
  }

  @Override
  public String device() {
    return ReferenceBackend.NAME;
  }

  @Override
  public Pass.Limits limits() {
    return Pass.Limits.NONE;
  }

  @Override
  public long allocatedBytes() {
    return weights.bytes();
  }

  @Override
  public State newState(StateData data) {
    return ReferenceState.of(data);
  }

  @Override
  public Logits run(Pass pass, float[] hidden) {
    List<ReferenceState> moved = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    for (Pass.Part part : pass.parts()) {
      ReferenceState state = ((ReferenceState) part.state()).fork();
      moved.add(state);
      double[][] out = walk(pass, part, hidden, state);
      if (layers.givesLogits()) {
        Arrays.stream(out).map(ReferenceOps::toFloats).forEach(logits::add);
      } else {
        write(out, hidden, part.begin());
      }
    }
    // Only now, so that a failure in any of the sequences leaves all states as they were.
    for (int i = 0; i < moved.size(); i++) {
      ((ReferenceState) pass.parts().get(i).state()).become(moved.get(i));
    }
    return new ReferenceLogits(logits);
  }

  private double[][] walk(Pass pass, Pass.Part part, float[] hidden, ReferenceState state) {
    int begin = part.begin();
    int end = begin + part.rows();
    int[] wanted =
        IntStream.of(pass.wanted())
            .filter(row -> row >= begin && row < end)
            .map(row -> row - begin)
            .toArray();
    var walk = new Walk(config, weights, layers, state);
    return layers.takesTokens()
        ? walk.ofTokens(program, Arrays.copyOfRange(pass.tokens(), begin, end), wanted)
        : walk.ofHidden(program, read(hidden, begin, part.rows()), wanted);
  }

  private double[][] read(float[] hidden, int begin, int rows) {
    double[][] out = new double[rows][config.width()];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < config.width(); i++) {
        out[row][i] = hidden[(begin + row) * config.width() + i];
      }
    }
    return out;
  }

  private void write(double[][] rows, float[] hidden, int begin) {
    for (int row = 0; row < rows.length; row++) {
      float[] floats = ReferenceOps.toFloats(rows[row]);
      System.arraycopy(floats, 0, hidden, (begin + row) * floats.length, floats.length);
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
