package aviary.engine;

import aviary.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Several engines of one model, each on a device of its own, that share out the sequences: a new
 * state goes to the device that has the fewest, and the sequence stays there. A batch runs on all
 * devices at the same time. One sequence is no faster than on its device.
 */
public final class BatchSplitEngine implements Engine {

  /** A sequence on one of the devices. */
  private static final class SplitState implements State {
    private final EngineUse engine;
    private final Part part;
    private final State state;
    private final StateUse use = new StateUse();

    SplitState(EngineUse engine, Part part, State state) {
      this.engine = engine;
      this.part = part;
      this.state = state;
      part.states++;
    }

    @Override
    public State fork() {
      return engine.call(use, () -> new SplitState(engine, part, state.fork()));
    }

    @Override
    public StateData read() {
      return engine.call(use, state::read);
    }

    @Override
    public void close() {
      engine.close(
          use,
          () -> {
            part.states--;
            state.close();
          });
    }
  }

  /** An engine, how many states it has, and the logits of its sequences in the last batch. */
  private static final class Part {
    private final Engine engine;
    private int states;
    private Logits logits;

    Part(Engine engine) {
      this.engine = engine;
    }

    void run(List<Batch.Sequence> sequences) {
      logits = engine.forward(new Batch(sequences));
    }
  }

  /** Where a row of the batch's logits is. */
  private record Row(Logits logits, int row) {}

  private final List<Part> parts;
  private final DeviceThreads threads;
  private final EngineUse use;

  /**
   * @param engines one for each device; closed with this
   */
  public BatchSplitEngine(List<Engine> engines) {
    parts = engines.stream().map(Part::new).toList();
    threads = new DeviceThreads(engines.stream().map(Engine::device).toList());
    use = new EngineUse(device(), () -> {});
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
  public void startProfile() {
    use.call(() -> {
      parts.forEach(part -> part.engine.startProfile());
      return null;
    });
  }

  @Override
  public Optional<DeviceProfile> profile() {
    return use.call(() ->
        parts.stream().flatMap(part -> part.engine.profile().stream()).reduce(DeviceProfile::plus));
  }

  @Override
  public long allocatedBytes() {
    return use.call(() -> parts.stream().mapToLong(part -> part.engine.allocatedBytes()).sum());
  }

  @Override
  public State newState() {
    return newState(Engine::newState);
  }

  @Override
  public State newState(StateData data) {
    return newState(engine -> engine.newState(data));
  }

  private State newState(Function<Engine, State> opener) {
    return use.call(() -> {
      Part part = leastBusy();
      return new SplitState(use, part, opener.apply(part.engine));
    });
  }

  private Part leastBusy() {
    return parts.stream().min((a, b) -> Integer.compare(a.states, b.states)).orElseThrow();
  }

  @Override
  public Logits forward(Batch batch) {
    return use.run(batch, config(), this::useOf, () -> run(batch));
  }

  private StateUse useOf(State state) {
    return state instanceof SplitState its && its.engine == use ? its.use : null;
  }

  private Logits run(Batch batch) {
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      List<Batch.Sequence> its =
          batch.sequences().stream()
              .filter(sequence -> split(sequence).part == part)
              .map(sequence ->
                  new Batch.Sequence(split(sequence).state, sequence.tokens(), sequence.wanted()))
              .toList();
      if (!its.isEmpty()) {
        running.add(threads.run(i, List.of(), () -> part.run(its)));
      }
    }
    DeviceThreads.await(running);
    return inOrder(batch);
  }

  private Logits inOrder(Batch batch) {
    int[] done = new int[parts.size()];
    List<Row> rows = new ArrayList<>();
    for (Batch.Sequence sequence : batch.sequences()) {
      int part = parts.indexOf(split(sequence).part);
      for (int i = 0; i < sequence.wanted().length; i++) {
        rows.add(new Row(parts.get(part).logits, done[part]++));
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

  private static SplitState split(Batch.Sequence sequence) {
    return (SplitState) sequence.state();
  }

  @Override
  public void close() {
    use.close(() -> {
      threads.close();
      Closing.all(parts.stream().<Runnable>map(part -> part.engine::close).toList());
    });
  }
}
