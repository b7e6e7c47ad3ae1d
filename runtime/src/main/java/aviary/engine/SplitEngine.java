package aviary.engine;

import aviary.model.Model;
import aviary.model.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Several engines of one model, each on a device of its own, that share out the sequences: a new
 * state goes to the device that has the fewest, and the sequence stays there. A batch runs on all
 * devices at the same time. One sequence is no faster than on its device.
 */
final class SplitEngine implements Engine {

  /** A sequence on one of the devices. */
  private static final class SplitState implements State {
    private final Part part;
    private final State state;
    private boolean closed;

    SplitState(Part part, State state) {
      this.part = part;
      this.state = state;
      part.states++;
    }

    @Override
    public State fork() {
      return new SplitState(part, state.fork());
    }

    @Override
    public StateData read() {
      return state.read();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        part.states--;
        state.close();
      }
    }
  }

  /** An engine, the thread that calls it, and how many states it has. */
  private static final class Part {
    private final Engine engine;
    private final ExecutorService thread;
    private int states;

    Part(Engine engine) {
      this.engine = engine;
      thread =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("aviary-" + engine.device()).factory());
    }
  }

  /** Where a row of the batch's logits is. */
  private record Row(Logits logits, int row) {}

  private final List<Part> parts = new ArrayList<>();

  /**
   * Compiles a model for each of the devices.
   *
   * @throws aviary.InputException if one of them is not there or the model does not fit it; none is
   *     left open then
   */
  SplitEngine(Model model, List<String> devices, EngineOptions options) {
    try {
      for (String device : devices) {
        parts.add(new Part(Backends.open(model, device, options)));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public ModelConfig config() {
    return parts.getFirst().engine.config();
  }

  @Override
  public String device() {
    return parts.stream().map(part -> part.engine.device()).collect(Collectors.joining(","));
  }

  @Override
  public State newState() {
    Part part = leastBusy();
    return new SplitState(part, part.engine.newState());
  }

  @Override
  public State newState(StateData data) {
    Part part = leastBusy();
    return new SplitState(part, part.engine.newState(data));
  }

  private Part leastBusy() {
    return parts.stream().min((a, b) -> Integer.compare(a.states, b.states)).orElseThrow();
  }

  @Override
  public Logits forward(Batch batch) {
    validate(batch);
    List<Future<Logits>> running = new ArrayList<>();
    for (Part part : parts) {
      List<Batch.Sequence> its =
          batch.sequences().stream()
              .filter(sequence -> split(sequence).part == part)
              .map(sequence ->
                  new Batch.Sequence(split(sequence).state, sequence.tokens(), sequence.wanted()))
              .toList();
      running.add(
          its.isEmpty() ? null : part.thread.submit(() -> part.engine.forward(new Batch(its))));
    }
    return inOrder(batch, await(running));
  }

  /** Waits for all devices, also where one failed: nobody may use an engine that still runs. */
  private static List<Logits> await(List<Future<Logits>> running) {
    List<Logits> logits = new ArrayList<>();
    Throwable failure = null;
    for (Future<Logits> future : running) {
      Logits its = null;
      try {
        its = future == null ? null : future.get();
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = e;
      }
      logits.add(its);
    }
    return switch (failure) {
      case null -> logits;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    };
  }

  private Logits inOrder(Batch batch, List<Logits> logits) {
    int[] done = new int[parts.size()];
    List<Row> rows = new ArrayList<>();
    for (Batch.Sequence sequence : batch.sequences()) {
      int part = parts.indexOf(split(sequence).part);
      for (int i = 0; i < sequence.wanted().length; i++) {
        rows.add(new Row(logits.get(part), done[part]++));
      }
    }
    return new SplitLogits(rows);
  }

  private record SplitLogits(List<Row> all) implements Logits {
    @Override
    public int rows() {
      return all.size();
    }

    @Override
    public float[] row(int row) {
      return all.get(row).logits.row(all.get(row).row);
    }

    @Override
    public int argmax(int row) {
      return all.get(row).logits.argmax(all.get(row).row);
    }
  }

  /** Before any state moves. */
  private void validate(Batch batch) {
    Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Batch.Sequence sequence : batch.sequences()) {
      if (!(sequence.state() instanceof SplitState state) || !parts.contains(state.part)) {
        throw new IllegalArgumentException("a state of another engine");
      }
      if (!states.add(state)) {
        throw new IllegalArgumentException("one state in two sequences of a batch");
      }
      config().requireTokens(sequence.tokens());
    }
  }

  private static SplitState split(Batch.Sequence sequence) {
    return (SplitState) sequence.state();
  }

  @Override
  public void close() {
    parts.forEach(part -> part.thread.close());
    parts.forEach(part -> part.engine.close());
  }

  /** The devices of a list such as {@code cpu,tornado:0:0}. */
  static List<String> devices(String list) {
    return Arrays.stream(list.split(",", -1)).map(String::strip).toList();
  }
}
