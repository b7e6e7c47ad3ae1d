package aviary.engine;

import aviary.InputException;
import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a model makes of a prompt, as a safetensors file to compare with other implementations:
 * {@code tokens} I64 [T], the prompt; {@code logits} F32 [T, V], after each of its tokens; {@code
 * greedy} I64 [N], if asked for, the most likely token again and again from there; and the tensors
 * of {@link StateData#entries}, the state after the prompt.
 */
public final class LogitsFile {
  /** So many rows of logits are in memory; the file may be far larger. */
  private static final int PIECE_TOKENS = 64;

  private final Engine engine;
  private final int[] prompt;
  private final State state;
  private StateData afterPrompt;
  private int mostLikely;

  private LogitsFile(Engine engine, int[] prompt, State state) {
    this.engine = engine;
    this.prompt = prompt;
    this.state = state;
  }

  /**
   * Runs the prompt and writes the file while it runs: whole or not at all.
   *
   * @param target the file
   * @param metadata strings to keep beside the tensors
   * @param engine runs the model
   * @param prompt T tokens, at least one
   * @param greedy N; 0 for none
   * @throws InputException if there is no token, one is not below the vocabulary's size, or N is
   *     negative; nothing has been written then
   * @throws IOException if the file cannot be written
   */
  public static void write(
      Path target, Map<String, String> metadata, Engine engine, int[] prompt, int greedy)
      throws IOException {
    if (prompt.length == 0) {
      throw new InputException("the prompt is empty: there are no logits before a first token");
    }
    if (greedy < 0) {
      throw new InputException("--greedy %d: it has to be at least 0".formatted(greedy));
    }
    engine.config().requireTokens(prompt);
    try (State state = engine.newState()) {
      LogitsFile file = new LogitsFile(engine, prompt, state);
      SafetensorsWriter.write(target, metadata, file.entries(greedy));
    }
  }

  /** The writer asks for the payloads in this order, so that each finds what it needs. */
  private List<SafetensorsWriter.Entry> entries(int greedy) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    entries.add(entry("tokens", DType.I64, out -> writeLongs(out, prompt), prompt.length));
    int vocabulary = engine.config().vocabulary();
    entries.add(entry("logits", DType.F32, this::runPrompt, prompt.length, vocabulary));
    if (greedy > 0) {
      entries.add(entry("greedy", DType.I64, out -> writeLongs(out, runGreedy(greedy)), greedy));
    }
    List<SafetensorsWriter.Entry> shapes = StateData.zero(engine.config()).entries();
    for (int i = 0; i < shapes.size(); i++) {
      int at = i;
      Payload payload = out -> afterPrompt.entries().get(at).payload().writeTo(out);
      entries.add(entry(shapes.get(i).name(), DType.F32, payload, shapes.get(i).shape()));
    }
    return entries;
  }

  private static SafetensorsWriter.Entry entry(
      String name, DType type, Payload payload, long... shape) {
    return new SafetensorsWriter.Entry(name, type, shape, payload);
  }

  private void runPrompt(WritableByteChannel out) throws IOException {
    ByteBuffer row = buffer(Float.BYTES * engine.config().vocabulary());
    for (int from = 0; from < prompt.length; from += PIECE_TOKENS) {
      int[] piece = Arrays.copyOfRange(prompt, from, Math.min(from + PIECE_TOKENS, prompt.length));
      Logits logits = engine.forward(Batch.of(Batch.Sequence.all(state, piece)));
      for (int i = 0; i < piece.length; i++) {
        row.clear().asFloatBuffer().put(logits.row(i));
        out.write(row);
      }
      mostLikely = logits.argmax(piece.length - 1);
    }
    afterPrompt = state.read();
  }

  private int[] runGreedy(int count) {
    int[] tokens = new int[count];
    tokens[0] = mostLikely;
    for (int i = 1; i < count; i++) {
      tokens[i] = engine.forward(Batch.of(Batch.Sequence.last(state, tokens[i - 1]))).argmax(0);
    }
    return tokens;
  }

  private static void writeLongs(WritableByteChannel out, int[] numbers) throws IOException {
    ByteBuffer buffer = buffer(Math.multiplyExact(Long.BYTES, numbers.length));
    for (int number : numbers) {
      buffer.putLong(number);
    }
    out.write(buffer.flip());
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
