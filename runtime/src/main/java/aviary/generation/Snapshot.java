package aviary.generation;

import aviary.InputException;
import aviary.engine.StateData;
import aviary.model.Checkpoint;
import aviary.model.ModelConfig;
import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that is needed to go on with a sequence later or elsewhere.
 *
 * @param state what the sequence has seen
 * @param next the logits of the token that comes next, [V]; null where they are not known, as for a
 *     state that was saved without them: then only a prompt can go on
 */
public record Snapshot(StateData state, float[] next) {
  private static final String LOGITS = "logits";

  private static final Set<DType> TYPES = EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.F64);

  /** No vocabulary is larger, by far. */
  private static final long MOST_LOGITS = 1 << 24;

  /**
   * Reads a file of a state. If it also has {@code logits} [T, V], those after the last tokens that
   * the state has seen, the last row is what comes next.
   *
   * @param path a file that {@link #save} or {@link StateData#save} wrote, or one of {@code
   *     time_state} tensors
   * @throws InputException if it holds no state, its tensors contradict each other, or there are
   *     numbers that are not finite
   * @throws aviary.safetensors.MalformedFileException if the file is damaged
   * @throws IOException if it cannot be read
   */
  public static Snapshot load(Path path) throws IOException {
    StateData state = StateData.load(path);
    try (Arena arena = Arena.ofConfined()) {
      Tensor logits = Checkpoint.open(path, arena).tensors().get(LOGITS);
      return new Snapshot(state, logits == null ? null : lastRow(path, logits));
    }
  }

  /**
   * Reads a file of a state for a model.
   *
   * @param config the model that is to go on from it
   * @throws InputException as {@link #load(Path)}, or if it is of a model of another shape
   * @throws IOException as {@link #load(Path)}
   */
  public static Snapshot load(Path path, ModelConfig config) throws IOException {
    Snapshot snapshot = load(path);
    snapshot.requireFits(path, config);
    return snapshot;
  }

  /**
   * Checks that it can be of the model.
   *
   * @param path the file that it was read from, which a message names
   * @throws InputException if it is of one of another shape
   */
  public void requireFits(Path path, ModelConfig config) {
    try {
      requireFits(config);
    } catch (InputException e) {
      throw new InputException(path + ": " + e.getMessage(), e);
    }
  }

  private static float[] lastRow(Path path, Tensor logits) {
    long[] shape = logits.shape();
    if (shape.length != 2 || shape[0] == 0 || shape[1] == 0 || shape[1] > MOST_LOGITS) {
      throw new InputException("%s: tensor %s, wanted shape [T, V]".formatted(path, logits));
    }
    if (!TYPES.contains(logits.dtype())) {
      throw new InputException("%s: tensor %s, wanted F32".formatted(path, logits));
    }
    float[] row = new float[(int) shape[1]];
    logits.read((shape[0] - 1) * row.length, row, 0, row.length);
    for (float logit : row) {
      if (!Float.isFinite(logit)) {
        throw new InputException(
            "%s: logits has a number that is %s: the state is spoiled, start from another"
                .formatted(path, logit));
      }
    }
    return row;
  }

  /**
   * Writes a safetensors file, whole or not at all: the tensors of {@link StateData#entries} and,
   * where they are known, {@code logits} F32 [1, V].
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path path) throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>(state.entries());
    if (next != null) {
      Payload row = Payload.of(MemorySegment.ofArray(next));
      entries.add(new SafetensorsWriter.Entry(LOGITS, DType.F32, new long[] {1, next.length}, row));
    }
    SafetensorsWriter.write(path, Map.of(), entries);
  }

  /**
   * Checks that it can be of the model.
   *
   * @throws InputException if it is of one of another shape
   */
  void requireFits(ModelConfig config) {
    state.requireFits(config);
    if (next != null && next.length != config.vocabulary()) {
      throw new InputException(
          "state of another model: it has %d logits, the model's vocabulary has %d"
              .formatted(next.length, config.vocabulary()));
    }
  }

  /** Whether no token has come yet: a token leaves shifted rows that are not zero. */
  boolean isFresh() {
    return next == null && allZero(state.attShift()) && allZero(state.ffnShift());
  }

  private static boolean allZero(float[] numbers) {
    for (float number : numbers) {
      if (number != 0) {
        return false;
      }
    }
    return true;
  }
}
