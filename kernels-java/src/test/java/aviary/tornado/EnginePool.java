package aviary.tornado;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Engines that go on living when a test closes them, for the next test of the same model: compiling
 * takes most of a test's time. Tests that have two engines of a model at once get two.
 */
final class EnginePool implements AutoCloseable {

  /**
   * What a model is, whoever made it.
   *
   * @param weights type and contents of each tensor
   */
  private record Content(ModelConfig config, Map<String, List<Object>> weights) {
    static Content of(Model model) {
      Map<String, List<Object>> weights = new TreeMap<>();
      for (Tensor tensor : model.tensors().values()) {
        ByteBuffer bytes = ByteBuffer.wrap(tensor.data().toArray(ValueLayout.JAVA_BYTE));
        weights.put(tensor.name(), List.of(tensor.dtype(), bytes));
      }
      return new Content(model.config(), weights);
    }
  }

  private final Map<Content, List<Engine>> idle = new HashMap<>();

  /** The memory of the engines' models: a test's own is closed with the test. */
  private final Arena arena = Arena.ofShared();

  /** An engine that nobody else has, which comes back when it is closed. */
  Engine open(Model model, Function<Model, Engine> opener) {
    List<Engine> its = idle.computeIfAbsent(Content.of(model), _ -> new ArrayList<>());
    return new Lent(its.isEmpty() ? opener.apply(copy(model)) : its.removeLast(), its);
  }

  private Model copy(Model model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Tensor tensor : model.tensors().values()) {
      MemorySegment data = arena.allocate(tensor.data().byteSize(), 64).copyFrom(tensor.data());
      tensors.put(tensor.name(), new Tensor(tensor.name(), tensor.dtype(), tensor.shape(), data));
    }
    return new Model(model.config(), model.program(), tensors, model.metadata());
  }

  private record Lent(Engine engine, List<Engine> home) implements Engine {
    @Override
    public ModelConfig config() {
      return engine.config();
    }

    @Override
    public String device() {
      return engine.device();
    }

    @Override
    public State newState() {
      return engine.newState();
    }

    @Override
    public State newState(StateData data) {
      return engine.newState(data);
    }

    @Override
    public Logits forward(Batch batch) {
      return engine.forward(batch);
    }

    @Override
    public void close() {
      home.add(engine);
    }
  }

  @Override
  public void close() {
    idle.values().forEach(engines -> engines.forEach(Engine::close));
    arena.close();
  }
}
