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
 * parameters. Rows that neither the loss nor a later piece needs are left out: behind each
 * sequence's last label everywhere; in the last layer, what does not lead to the recurrence runs at
 * {@link Rows#needed} rows only.
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

  /** Of the last layer's rest, where it runs for some rows only. */
  private final Values lastRest = new Values();

  /** Gradients of one layer at a time. */
  private final Values gradients = new Values();

  private final Values lastRestGradients = new Values();

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

  /**
   * The loss alone.
   *
   * @param goOn whether the states are moved on to behind the batch, or nobody needs them
   */
  Loss loss(Sequences batch, List<InitialStates> states, boolean goOn) {
    Run run = forward(rows(batch, goOn), states);
    return head.loss(lastOut(run), run.needed());
  }

  /** Moves the states on to behind the batch. */
  void moveOn(Sequences batch, List<InitialStates> states) {
    forward(rows(batch, true), states);
  }

  private static Rows rows(Sequences batch, boolean goOn) {
    return goOn ? Rows.all(batch) : Rows.upToLastLabels(batch);
  }

  /**
   * What was run.
   *
   * @param rows for which all layers ran, but for the last one's rest
   * @param needed the rows for which that ran
   */
  private record Run(Rows rows, Rows needed) {

    /** Whether a layer's two parts ran for other rows. */
    boolean isInParts(int layer, int layers) {
      return layer == layers - 1 && needed != rows;
    }
  }

  /**
   * Adds the gradients of a batch's mean loss to the parameters'.
   *
   * @param states moved on, if somebody goes on
   * @param labels how many the mean is over: those of the batch, and of others that are added
   * @param dstates gradients of the states: those behind the last token become those before the
   *     first
   * @param goOn whether somebody goes on from the states behind the batch; if not, {@code dstates}
   *     have to be zeros
   */
  Loss gradient(
      Sequences batch,
      List<InitialStates> states,
      long labels,
      List<InitialStates> dstates,
      boolean goOn) {
    Run run = forward(rows(batch, goOn), states);
    Rows rows = run.rows();
    gradients.begin(rows.count());
    Values last = run.needed() == rows ? gradients : lastRestGradients;
    last.begin(run.needed().count());
    last.add(program.layerOut());
    float[] dlast = last.of(program.layerOut());
    Loss loss = head.gradient(lastOut(run), run.needed(), labels, dlast);
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      LayerGradient its = layer(layer, rows, null, dstates.get(layer));
      if (run.isInParts(layer, config.layers())) {
        backward(lastRest(run.needed(), null, dstates.getLast()), parts.rest());
        spread(run.needed().placesIn(rows));
        backward(its, parts.recurrence());
      } else {
        backward(its, program.layer());
      }
      passOn(program.hidden(), program.layerOut());
    }
    // What the first layer was given is what the start gave.
    gradients.set(program.hidden(), gradients.of(program.layerOut()));
    backward(start(rows), program.start());
    return loss;
  }

  private static void backward(LayerGradient layer, List<Op> ops) {
    ops.reversed().forEach(layer::backward);
  }

  /** Gives all rows the gradients that the last layer's rest has for some. */
  private void spread(int[] places) {
    for (Value value : parts.between()) {
      float[] from = lastRestGradients.of(value);
      Rows.scatter(places, from, gradients.of(value), gradients.rows(), value.width());
      gradients.add(value);
    }
  }

  /** The gradient of what a layer was given becomes that of what the layer before it gave. */
  private void passOn(Value from, Value to) {
    float[] gradient = gradients.of(from);
    gradients.begin(gradients.rows());
    gradients.set(to, gradient);
  }

  /**
   * Runs all layers.
   *
   * @param rows each sequence's from its first on
   * @param states moved on to behind the rows
   */
  private Run forward(Rows rows, List<InitialStates> states) {
    makeRoom(rows.batch());
    start.begin(rows.count());
    program.start().forEach(start(rows)::forward);
    Run run = new Run(rows, rows.needed());
    float[] hidden = start.of(program.hidden());
    for (int layer = 0; layer < config.layers(); layer++) {
      Values values = layers.get(layer);
      values.begin(rows.count());
      values.set(program.hidden(), hidden);
      LayerGradient its = layer(layer, rows, states.get(layer), null);
      if (run.isInParts(layer, config.layers())) {
        parts.recurrence().forEach(its::forward);
        pick(run.needed(), rows);
        parts.rest().forEach(lastRest(run.needed(), states.getLast(), null)::forward);
      } else {
        program.layer().forEach(its::forward);
        hidden = values.of(program.layerOut());
      }
    }
    return run;
  }

  /** Gives the last layer's rest the rows that it runs for. */
  private void pick(Rows needed, Rows rows) {
    int[] places = needed.placesIn(rows);
    lastRest.begin(needed.count());
    for (Value value : parts.between()) {
      Rows.gather(places, layers.getLast().of(value), lastRest.of(value), value.width());
    }
  }

  /** What the last layer gave, for the needed rows. */
  private float[] lastOut(Run run) {
    return (run.needed() == run.rows() ? layers.getLast() : lastRest).of(program.layerOut());
  }

  /** For what the recurrences of a batch keep. */
  private void makeRoom(Sequences batch) {
    int size =
        Math.multiplyExact(
            batch.count() * config.heads(),
            WkvGradient.keptSize(config.headSize(), batch.length()));
    for (int layer = 0; layer < kept.length; layer++) {
      if (kept[layer] == null || kept[layer].length < size) {
        kept[layer] = new float[size];
      }
    }
  }

  private LayerGradient start(Rows rows) {
    return new LayerGradient(LayerRun.around(parameters, workers, linear, start, gradients, rows));
  }

  private LayerGradient layer(int layer, Rows rows, InitialStates states, InitialStates dstates) {
    return run(layers.get(layer), gradients, layer, rows, states, dstates);
  }

  private LayerGradient lastRest(Rows needed, InitialStates states, InitialStates dstates) {
    return run(lastRest, lastRestGradients, config.layers() - 1, needed, states, dstates);
  }

  private LayerGradient run(
      Values values,
      Values itsGradients,
      int layer,
      Rows rows,
      InitialStates states,
      InitialStates dstates) {
    return new LayerGradient(
        new LayerRun(
            config,
            parameters,
            workers,
            linear,
            values,
            itsGradients,
            "blocks." + layer + ".",
            rows,
            states,
            dstates,
            kept[layer]));
  }
}
