package aviary.jmh;

import aviary.engine.Logits;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.tokenizer.Tokenizer;
import aviary.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** From text to tokens and back, and from logits to a token. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TextSpeed {
  private static final int VOCABULARY = 65536;

  /** A text to encode; without one a sentence, many times. */
  @Param({""})
  public String text;

  /** The vocabulary's file; without it, AVIARY_VOCAB's. */
  @Param({""})
  public String vocab;

  /** {@code --top-p}. */
  @Param({"0.5", "1"})
  public double topP;

  private Tokenizer tokenizer;
  private byte[] bytes;
  private int[] tokens;
  private Sampler sampler;
  private float[] numbers;

  /** Reads the files. */
  @Setup
  public void read() throws IOException {
    tokenizer =
        Tokenizers.find(vocab.isEmpty() ? null : Path.of(vocab), System.getenv("AVIARY_VOCAB"));
    bytes =
        text.isEmpty()
            ? "The quick brown fox jumps over the lazy dog. "
                .repeat(1000)
                .getBytes(StandardCharsets.UTF_8)
            : Files.readAllBytes(Path.of(text));
    tokens = tokenizer.encode(bytes);
    sampler = new Sampler(new SamplerOptions(1, topP, 0, 0, 0, 1, 1));
    Random random = new Random(1);
    numbers = new float[VOCABULARY];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (3 * random.nextGaussian());
    }
  }

  /** The whole text. */
  @Benchmark
  public int[] encode() {
    return tokenizer.encode(bytes);
  }

  /** All of its tokens. */
  @Benchmark
  public byte[] decode() {
    return tokenizer.decode(tokens);
  }

  /** One token of 65,536. */
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
