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
import java.util.stream.IntStream;

/** A model that learns, batch by batch. */
final class Learner implements AutoCloseable {
  private final Parameters parameters;
  private final TrainingOptions options;
  private final ProgramGradient gradient;
  private final TimeStates timeStates;
  private final AdamW optimizer;
  private final Collection<Parameter> trained;
  private final boolean fromOwnStates;

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
    parameters = new Parameters(model);
    gradient = new ProgramGradient(parameters, options.threads());
    timeStates = new TimeStates(model);
    boolean states = options.tuned() == Tuned.TIME_STATE;
    fromOwnStates =
        states || model.tensors().containsKey(timeStates.parameters().getFirst().name());
    trained = states ? timeStates.parameters() : parameters.all();
    optimizer = new AdamW(trained, gradient.workers());
  }

  /** What is being trained. */
  Collection<Parameter> trained() {
    return trained;
  }

  AdamW optimizer() {
    return optimizer;
  }

  /** The model with its weights as they are now. */
  Model model() {
    return parameters.toModel();
  }

  /** The states that sequences begin with, as they are now. */
  Map<String, Tensor> timeStates() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    timeStates.parameters().forEach(state -> tensors.put(state.name(), state.tensor()));
    return tensors;
  }

  private List<InitialStates> states(int sequences) {
    List<InitialStates> states = gradient.zeroStates(sequences);
    if (fromOwnStates) {
      timeStates.begin(states);
    }
    return states;
  }

  /** The loss of a batch, walked in chunks of so many tokens; nothing is learned. */
  Loss loss(Sequences batch, int chunk) {
    List<InitialStates> states = states(batch.count());
    return chunks(batch, chunk).stream()
        .map(part -> gradient.loss(part, states))
        .reduce(Loss.NONE, Loss::plus);
  }

  /**
   * Computes the gradients of a batch; nothing is learned yet.
   *
   * @param step which step it is, from 0
   */
  Step gradients(long step, Sequences batch) {
    parameters.clearGradients();
    long labels = Arrays.stream(batch.labels()).filter(label -> label >= 0).count();
    List<Sequences> pieces = chunks(batch, options.chunks().tokens());
    Loss loss = options.chunks().exact() ? exact(pieces, labels) : truncated(pieces, labels);
    return new Step(loss, optimizer.gradientNorm(), options.rate(step));
  }

  /** Moves what is trained along the gradients, which are those of the step. */
  void learn(long step, Step its) {
    double norm = its.gradientNorm();
    double factor = options.clip() > 0 && norm > options.clip() ? options.clip() / norm : 1;
    optimizer.step(step, its.rate(), options.weightDecay(), factor);
  }

  /** Gradients end where a piece begins. */
  private Loss truncated(List<Sequences> pieces, long labels) {
    List<InitialStates> states = states(pieces.getFirst().count());
    Loss loss = Loss.NONE;
    for (Sequences piece : pieces) {
      List<InitialStates> dstates = gradient.zeroStates(piece.count());
      loss = loss.plus(gradient.gradient(piece, states, labels, dstates));
      // Only the first piece begins with what is tuned.
      if (piece == pieces.getFirst()) {
        takeStateGradients(dstates);
      }
    }
    return loss;
  }

  /** Walks forwards to know the state before each piece, and then from the last to the first. */
  private Loss exact(List<Sequences> pieces, long labels) {
    List<InitialStates> states = states(pieces.getFirst().count());
    List<List<InitialStates>> before = new ArrayList<>();
    for (Sequences piece : pieces) {
      before.add(states.stream().map(InitialStates::copy).toList());
      if (piece != pieces.getLast()) {
        gradient.forward(piece, states);
      }
    }
    List<InitialStates> dstates = gradient.zeroStates(pieces.getFirst().count());
    Loss loss = Loss.NONE;
    for (int i = pieces.size() - 1; i >= 0; i--) {
      loss = loss.plus(gradient.gradient(pieces.get(i), before.get(i), labels, dstates));
    }
    takeStateGradients(dstates);
    return loss;
  }

  private void takeStateGradients(List<InitialStates> dstates) {
    if (options.tuned() == Tuned.TIME_STATE) {
      timeStates.takeGradients(dstates);
    }
  }

  /** A batch in pieces of its sequences, one behind the other. */
  private static List<Sequences> chunks(Sequences batch, int size) {
    if (size == 0 || size >= batch.length()) {
      return List.of(batch);
    }
    return IntStream.range(0, Math.ceilDiv(batch.length(), size))
        .mapToObj(i -> batch.part(i * size, Math.min(batch.length(), (i + 1) * size)))
        .toList();
  }

  @Override
  public void close() {
    gradient.close();
  }
}
