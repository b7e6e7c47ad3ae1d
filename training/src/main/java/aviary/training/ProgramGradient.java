package aviary.training;

import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walks a model's program over a batch of sequences, and back from the loss to the gradients of all
 * parameters. What the last layer does behind its recurrence, and the head, run where a loss looks
 * only.
 */
final class ProgramGradient {
  private final Parameters parameters;
  private final ModelConfig config;
  private final Program program;
  private final LayerParts parts;
  private final Workers workers;
  private final Linear linear;
  private final HeadGradient head;

  private final Values start = new Values();
  private final List<Values> layers = new ArrayList<>();

  /** Of the last layer's operations behind its recurrence, where they run for some rows. */
  private final Values behind = new Values();

  /** Gradients of one layer at a time. */
  private final Values gradients = new Values();

  private final Values behindGradients = new Values();

  /** What each layer keeps of the recurrence. */
  private final float[][] kept;

  /**
   * @param parameters what is trained
   * @param workers who share out each operation
   */
  ProgramGradient(Parameters parameters, Workers workers) {
    this.parameters = parameters;
    config = parameters.model().config();
    program = parameters.model().program();
    parts = LayerParts.of(program);
    this.workers = workers;
    linear = new Linear(workers);
    head = new HeadGradient(parameters, workers, linear);
    IntStream.range(0, config.layers()).forEach(_ -> layers.add(new Values()));
    kept = new float[config.layers()][];
  }

  /** States of sequences that have seen nothing, for each layer. */
  List<InitialStates> zeroStates(int sequences) {
    return IntStream.range(0, config.layers())
        .mapToObj(_ -> InitialStates.zero(config, sequences))
        .toList();
  }

  /** The loss alone; moves the states on. */
  Loss loss(Sequences batch, List<InitialStates> states) {
    Rows asked = forward(batch, states);
    return head.loss(lastOut(asked), asked);
  }

  /**
   * Adds the gradients of a batch's mean loss to the parameters'.
   *
   * @param states moved on
   * @param labels how many the mean is over: those of the batch, and of others that are added
   * @param dstates gradients of the states: those behind the last token become those before the
   *     first
   */
  Loss gradient(
      Sequences batch, List<InitialStates> states, long labels, List<InitialStates> dstates) {
    Rows asked = forward(batch, states);
    gradients.begin(batch.rows());
    Values of = asked.isAll() ? gradients : behindGradients;
    of.begin(asked.count());
    of.add(program.layerOut());
    Loss loss = head.gradient(lastOut(asked), asked, labels, of.of(program.layerOut()));
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      LayerGradient back = layer(layer, batch, null, dstates.get(layer));
      if (layer == config.layers() - 1 && !asked.isAll()) {
        backward(behind(asked, null, dstates.getLast()), parts.behind());
        for (Value value : parts.between()) {
          Rows.scatter(
              asked.of(),
              behindGradients.of(value),
              gradients.of(value),
              batch.rows(),
              value.width());
          gradients.add(value);
        }
        backward(back, parts.recurrence());
      } else {
        backward(back, program.layer());
      }
      passOn(program.hidden(), program.layerOut());
    }
    // What the first layer was given is what the start gave.
    gradients.set(program.hidden(), gradients.of(program.layerOut()));
    backward(start(batch), program.start());
    return loss;
  }

  private static void backward(LayerGradient layer, List<Op> ops) {
    ops.reversed().forEach(layer::backward);
  }

  /** The gradient of what a layer was given becomes that of what the layer before it gave. */
  private void passOn(Value from, Value to) {
    float[] gradient = gradients.of(from);
    gradients.begin(gradients.rows());
    gradients.set(to, gradient);
  }

  private LayerGradient layer(
      int layer, Sequences batch, InitialStates states, InitialStates dstates) {
    int size =
        batch.count() * config.heads() * WkvGradient.keptSize(config.headSize(), batch.length());
    if (kept[layer] == null || kept[layer].length < size) {
      kept[layer] = new float[size];
    }
    return run(layers.get(layer), gradients, layer, Rows.all(batch), states, dstates);
  }

  /** The last layer's operations behind its recurrence. */
  private LayerGradient behind(Rows asked, InitialStates states, InitialStates dstates) {
    return run(behind, behindGradients, config.layers() - 1, asked, states, dstates);
  }

  private LayerGradient run(
      Values values, Values its, int layer, Rows of, InitialStates states, InitialStates dstates) {
    return new LayerGradient(
        new LayerRun(
            config,
            parameters,
            workers,
            linear,
            values,
            its,
            "blocks." + layer + ".",
            of,
            states,
            dstates,
            kept[layer]));
  }

  private LayerGradient start(Sequences batch) {
    return new LayerGradient(
        LayerRun.around(parameters, workers, linear, start, gradients, Rows.all(batch)));
  }

  /**
   * Moves the states on.
   *
   * @return the rows for which what the last layer gave is there
   */
  Rows forward(Sequences batch, List<InitialStates> states) {
    start.begin(batch.rows());
    program.start().forEach(start(batch)::forward);
    Rows asked = Rows.asked(batch);
    float[] hidden = start.of(program.hidden());
    for (int layer = 0; layer < config.layers(); layer++) {
      Values values = layers.get(layer);
      values.begin(batch.rows());
      values.set(program.hidden(), hidden);
      LayerGradient its = layer(layer, batch, states.get(layer), null);
      if (layer == config.layers() - 1 && !asked.isAll()) {
        parts.recurrence().forEach(its::forward);
        behind.begin(asked.count());
        for (Value value : parts.between()) {
          Rows.gather(asked.of(), values.of(value), behind.of(value), value.width());
        }
        parts.behind().forEach(behind(asked, states.getLast(), null)::forward);
      } else {
        program.layer().forEach(its::forward);
        hidden = values.of(program.layerOut());
      }
    }
    return asked;
  }

  /** What the last layer gave, for rows that {@link #forward} says. */
  private float[] lastOut(Rows asked) {
    return (asked.isAll() ? layers.getLast() : behind).of(program.layerOut());
  }
}
