package aviary.training;

import aviary.model.Model;
import aviary.safetensors.Tensor;
import aviary.training.TrainingOptions.Tuned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that learns, batch by batch. A batch's sequences are shared out to the threads, each of
 * which walks the program with its own some at a time, so that what one operation gives is still in
 * its cache for the next, and adds to gradients of its own; or, where there are fewer sequences
 * than threads, or no room for as many gradients, threads share out the rows of each operation.
 */
final class Learner implements AutoCloseable {

  /** The memory for gradients by thread. */
  private static final long MOST_GRADIENT_BYTES = 1L << 30;

  /** What a thread has side by side: 2 MB of floats for each 256 channels. */
  private static final int TOKENS_OF_THREAD = 2048;

  private final TrainingOptions options;
  private final Workers workers;

  /** One for all threads, which has what is trained. */
  private final SequenceGradient together;

  /** One a thread, the first with the gradients of {@link #together}; empty without room. */
  private final List<SequenceGradient> apart = new ArrayList<>();

  private final AdamW optimizer;

  /**
   * What a step gave.
   *
   * @param loss of the weights before the step
   * @param gradientNorm the length of its gradient
   * @param rate the learning rate
   */
  record Step(Loss loss, double gradientNorm, double rate) {
    /** Whether numbers are numbers. */
    boolean isFinite() {
      return Double.isFinite(loss.sum()) && Double.isFinite(gradientNorm);
    }
  }

  Learner(Model model, TrainingOptions options) {
    this.options = options;
    Parameters parameters = new Parameters(model);
    TimeStates timeStates = new TimeStates(model);
    boolean fromOwnStates =
        options.tuned() == Tuned.TIME_STATE
            || model.tensors().containsKey(timeStates.parameters().getFirst().name());
    workers = new Workers(options.threads());
    together =
        new SequenceGradient(parameters, timeStates, fromOwnStates, workers, Integer.MAX_VALUE);
    int copies = workers.count() - 1;
    if (copies * parameters.bytes() <= MOST_GRADIENT_BYTES) {
      for (int thread = 0; thread <= copies; thread++) {
        apart.add(
            new SequenceGradient(
                thread == 0 ? parameters : parameters.withOwnGradients(),
                thread == 0 ? timeStates : timeStates.withOwnGradients(),
                fromOwnStates,
                new Workers(1),
                TOKENS_OF_THREAD));
      }
    }
    optimizer = new AdamW(trained(), workers);
  }

  /** What is being trained. */
  Collection<Parameter> trained() {
    return trained(together);
  }

  private Collection<Parameter> trained(SequenceGradient of) {
    return options.tuned() == Tuned.TIME_STATE
        ? of.timeStates().parameters()
        : of.parameters().all();
  }

  AdamW optimizer() {
    return optimizer;
  }

  /** The model with its weights as they are now. */
  Model model() {
    return together.parameters().toModel();
  }

  /** What a trained model has beside its weights, which stays as it is. */
  List<Tensor> kept() {
    return options.tuned() == Tuned.TIME_STATE ? List.of() : together.parameters().untrained();
  }

  /** The model as it runs now, with the states that its sequences begin with. */
  Model running() {
    Model model = model();
    if (options.tuned() != Tuned.TIME_STATE) {
      return model;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    tensors.putAll(timeStates());
    return new Model(model.config(), model.program(), tensors, model.metadata());
  }

  /** The states that sequences begin with, as they are now. */
  Map<String, Tensor> timeStates() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    together.timeStates().parameters().forEach(state -> tensors.put(state.name(), state.tensor()));
    return tensors;
  }

  /** The loss of a batch, walked in chunks of so many tokens; nothing is learned. */
  Loss loss(Sequences batch, int chunk) {
    return isShared(batch)
        ? share(batch, (gradient, own) -> gradient.loss(own, chunk))
        : together.loss(batch, chunk);
  }

  /**
   * Computes the gradients of a batch; nothing is learned yet.
   *
   * @param step which step it is, from 0
   */
  Step gradients(long step, Sequences batch) {
    long labels = Arrays.stream(batch.labels()).filter(label -> label >= 0).count();
    Loss loss;
    if (isShared(batch)) {
      loss =
          share(
              batch,
              (gradient, own) -> {
                gradient.clearGradients();
                return gradient.gradient(own, options.chunks(), labels);
              });
      addUp();
    } else {
      together.clearGradients();
      loss = together.gradient(batch, options.chunks(), labels);
    }
    return new Step(loss, optimizer.gradientNorm(), options.rate(step));
  }

  /** Moves what is trained along the gradients, which are those of the step. */
  void learn(long index, Step step) {
    double norm = step.gradientNorm();
    double factor = options.clip() > 0 && norm > options.clip() ? options.clip() / norm : 1;
    optimizer.step(index, step.rate(), options.weightDecay(), factor);
  }

  /** Whether each thread takes some of the sequences. */
  private boolean isShared(Sequences batch) {
    return batch.count() >= workers.count() && !apart.isEmpty();
  }

  /** What a thread does with its sequences. */
  private interface Walk {
    Loss of(SequenceGradient gradient, Sequences own);
  }

  private Loss share(Sequences batch, Walk walk) {
    Loss[] losses = new Loss[workers.count()];
    workers.run(
        batch.count(),
        (worker, from, to) ->
            losses[worker] = walk.of(apart.get(worker), batch.sequences(from, to)));
    return Arrays.stream(losses).reduce(Loss.NONE, Loss::plus);
  }

  /** Adds the other threads' gradients to the first one's, in the order of threads. */
  private void addUp() {
    List<float[]> sums = gradients(apart.getFirst());
    for (SequenceGradient other : apart.subList(1, apart.size())) {
      List<float[]> parts = gradients(other);
      for (int i = 0; i < sums.size(); i++) {
        float[] sum = sums.get(i);
        float[] part = parts.get(i);
        workers.run(sum.length, (_, from, to) -> RowMath.add(part, from, sum, from, to - from));
      }
    }
  }

  private List<float[]> gradients(SequenceGradient of) {
    return trained(of).stream().map(Parameter::gradient).toList();
  }

  @Override
  public void close() {
    workers.close();
  }
}
