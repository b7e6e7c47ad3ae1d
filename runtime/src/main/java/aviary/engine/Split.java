package aviary.engine;

import aviary.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How several devices share a model's work. Its text is what the option {@code --split} takes. */
public sealed interface Split {

  /** What is done where nobody says anything. */
  Split USUAL = new OfBatch();

  /**
   * Reads what stands behind {@code --split}.
   *
   * @throws InputException if it is none of the texts that this type knows
   */
  static Split parse(String text) {
    if (text.equals(OfBatch.NAME)) {
      return new OfBatch();
    }
    if (text.equals(OfLayers.NAME)) {
      return new OfLayers(List.of());
    }
    String counted = OfLayers.NAME + "=";
    try {
      if (text.startsWith(counted)) {
        String[] counts = text.substring(counted.length()).split(",", -1);
        return new OfLayers(
            Arrays.stream(counts).map(String::strip).map(Integer::valueOf).toList());
      }
    } catch (NumberFormatException e) {
      // Then it is none of them.
    }
    throw new InputException(
        ("--split %s: it has to be batch, layers, or layers=N,N,... with the number of layers of"
                + " each device")
            .formatted(text));
  }

  /** {@code batch}: each device has the whole model and some of the sequences. */
  record OfBatch() implements Split {
    private static final String NAME = "batch";

    @Override
    public String toString() {
      return NAME;
    }
  }

  /**
   * {@code layers}, {@code layers=10,14}: each device has some of the layers, and all sequences go
   * from one to the next.
   *
   * @param counts how many each device has; empty for as many as its memory is large
   */
  record OfLayers(List<Integer> counts) implements Split {
    private static final String NAME = "layers";

    /** Copies the list. */
    public OfLayers {
      counts = List.copyOf(counts);
    }

    @Override
    public String toString() {
      String numbers = counts.stream().map(String::valueOf).collect(Collectors.joining(","));
      return counts.isEmpty() ? NAME : NAME + "=" + numbers;
    }

    /**
     * Shares out a model's layers where {@link #counts} says how.
     *
     * @param layers how many there are
     * @param devices how many are to have some
     * @throws InputException if the counts are not those of so many layers and devices
     */
    List<Layers> asCounted(int layers, int devices) {
      if (counts.size() != devices) {
        throw wrong("a number for each device is wanted, and there are " + devices + " devices");
      }
      if (counts.stream().anyMatch(count -> count < 1)) {
        throw wrong("every device needs at least 1 layer");
      }
      long sum = counts.stream().mapToLong(Integer::longValue).sum();
      if (sum != layers) {
        throw wrong("these are %d layers, and the model has %d".formatted(sum, layers));
      }
      return Layers.inTurn(counts);
    }

    /**
     * Shares out a model's layers in proportion to the memory of devices, as near as whole layers
     * come, and at least one to each.
     *
     * @param layers how many there are
     * @param memoryBytes the memory of each device
     * @throws InputException if there are fewer layers than devices
     */
    List<Layers> byMemory(int layers, List<Long> memoryBytes) {
      int devices = memoryBytes.size();
      if (layers < devices) {
        throw wrong("the model has %d layers, too few for %d devices".formatted(layers, devices));
      }
      double all = memoryBytes.stream().mapToDouble(Long::doubleValue).sum();
      Integer[] shares = new Integer[devices];
      Arrays.fill(shares, 1);
      for (int given = devices; given < layers; given++) {
        int neediest = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < devices; i++) {
          double lacking = layers * (memoryBytes.get(i) / Math.max(1, all)) - shares[i];
          if (lacking > most) {
            most = lacking;
            neediest = i;
          }
        }
        shares[neediest]++;
      }
      return Layers.inTurn(List.of(shares));
    }

    private InputException wrong(String why) {
      return new InputException("--split %s: %s".formatted(this, why));
    }
  }
}
