package aviary.bench;

import java.util.List;
import java.util.Map;

/**
 * One measured number, with what it was measured of. Names are llama-bench's in the file, where it
 * has them.
 *
 * @param model the model's file, or shape
 * @param type the architecture and size: {@code Finch 0.4B}
 * @param dtype the type of most weights
 * @param modelBytes what the weights take in memory
 * @param parameters how many there are
 * @param device what ran it
 * @param threads threads of the host's cores
 * @param test what was measured: {@code pp512}, {@code tg128}, {@code load}, {@code first token}
 * @param prompt tokens of a prompt
 * @param generated tokens generated a sequence
 * @param sequences side by side
 * @param depth tokens that each sequence had seen before
 * @param unit {@code t/s}, {@code s} or {@code MiB}
 * @param samples what each repetition gave, in that unit
 * @param limit what the device would allow; 0 where no limit is known
 * @param bound what the limit is one of: {@code memory} or {@code multiplications}
 * @param details named numbers beside it: seconds of compiling, kernels and transfers
 */
public record Measurement(
    String model,
    String type,
    String dtype,
    long modelBytes,
    long parameters,
    String device,
    int threads,
    String test,
    int prompt,
    int generated,
    int sequences,
    int depth,
    String unit,
    List<Double> samples,
    double limit,
    String bound,
    Map<String, Double> details) {

  /** The mean of the samples. */
  public double mean() {
    return samples.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** The samples' standard deviation; 0 of one. */
  public double deviation() {
    if (samples.size() < 2) {
      return 0;
    }
    double mean = mean();
    double squares = samples.stream().mapToDouble(s -> (s - mean) * (s - mean)).sum();
    return Math.sqrt(squares / (samples.size() - 1));
  }

  /** The mean as a part of the limit; 0 where there is none. */
  public double share() {
    return limit > 0 ? mean() / limit : 0;
  }
}
