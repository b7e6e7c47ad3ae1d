package aviary.jmh;

import aviary.tokenizer.Tokenizer;
import aviary.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From text to tokens and back: texts, gigabytes and millions of tokens a second. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerSpeed {

  /** A text's file; without one a sentence, many times. */
  @Param({""})
  public String text;

  /** The vocabulary's file; without it, AVIARY_VOCAB's. */
  @Param({""})
  public String vocab;

  private Tokenizer tokenizer;
  private byte[] bytes;
  private int[] tokens;

  /** What a second of the benchmark did. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Rates {

    /** Gigabytes of text. */
    public double gigabytes;

    /** Millions of tokens. */
    public double megatokens;

    /** Begins anew. */
    @Setup(Level.Iteration)
    public void clear() {
      gigabytes = 0;
      megatokens = 0;
    }
  }

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
  }

  private void count(Rates rates) {
    rates.gigabytes += bytes.length / 1e9;
    rates.megatokens += tokens.length / 1e6;
  }

  /** The whole text. */
  @Benchmark
  public int[] encode(Rates rates) {
    count(rates);
    return tokenizer.encode(bytes);
  }

  /** All of its tokens. */
  @Benchmark
  public byte[] decode(Rates rates) {
    count(rates);
    return tokenizer.decode(tokens);
  }
}
