package aviary.engine;

import aviary.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Several engines of one model, each on a device of its own, that share out the sequences: a new
 * state goes to the device that has the fewest, and the sequence stays there. A batch runs on all
 * devices at the same time. One sequence is no faster than on its device.
 */
public final class BatchSplitEngine implements Engine {

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

  /**
   * @param engines one for each device; closed with this
   */
  public BatchSplitEngine(List<Engine> engines) {
    parts = engines.stream().map(Part::new).toList();
    threads = new DeviceThreads(engines.stream().map(Engine::device).toList());
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
    parts.forEach(part -> part.engine.startProfile());
  }

  @Override
  public Optional<DeviceProfile> profile() {
    return parts.stream()
        .flatMap(part -> part.engine.profile().stream())
        .reduce(DeviceProfile::plus);
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
    batch.require(config(), state -> state instanceof SplitState its && parts.contains(its.part));
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
    threads.close();
    Closing.all(parts.stream().<Runnable>map(part -> part.engine::close).toList());
  }
}
