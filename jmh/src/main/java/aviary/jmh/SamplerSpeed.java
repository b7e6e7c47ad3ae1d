package aviary.jmh;

import aviary.engine.Logits;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From the logits of 65,536 tokens, which are copied first, to one of them: microseconds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerSpeed {
  private static final int VOCABULARY = 65536;

  /** {@code --top-p}. */
  @Param({"0.5", "1"})
  public double topP;

  private Sampler sampler;
  private float[] numbers;

  /** Makes logits that are spread like a model's. */
  @Setup
  public void fill() {
    sampler = new Sampler(new SamplerOptions(1, topP, 0, 0, 0, 1, 1));
    Random random = new Random(1);
    numbers = new float[VOCABULARY];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (3 * random.nextGaussian());
    }
  }

  /** One token. */
  @Benchmark
  public int sample() {
    return sampler.next(new Row(numbers), 0);
  }

  private record Row(float[] numbers) implements Logits {
    @Override
    public int rows() {
      return 1;
    }

    @Override
    public float[] row(int row) {
      return numbers.clone();
    }

    @Override
    public int argmax(int row) {
      throw new UnsupportedOperationException();
    }
  }
}
