package aviary.training;

import aviary.cpu.FloatProducts.View;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walks a model's program over a batch of sequences, and back from the loss to the gradients of all
 * parameters. The head runs at labelled positions only, some rows at a time, so that logits never
 * take more than {@link #MOST_LOGITS} floats.
 */
final class ProgramGradient {
  private static final int MOST_LOGITS = 1 << 24;

  private final Parameters parameters;
  private final ModelConfig config;
  private final Program program;
  private final Op.MatMul head;
  private final List<Op> beforeHead;
  private final Workers workers;
  private final Linear linear;

  private final Values start = new Values();
  private final List<Values> layers = new ArrayList<>();
  private final Values end = new Values();

  /** Gradients of one layer at a time. */
  private final Values gradients = new Values();

  private final Values endGradients = new Values();

  /** What each layer keeps of the recurrence. */
  private final float[][] kept;

  private float[] logits = new float[0];

  /**
   * @param parameters what is trained
   * @param workers who share out each operation
   */
  ProgramGradient(Parameters parameters, Workers workers) {
    this.parameters = parameters;
    config = parameters.model().config();
    program = parameters.model().program();
    head = (Op.MatMul) program.end().getLast();
    beforeHead = program.end().subList(0, program.end().size() - 1);
    this.workers = workers;
    linear = new Linear(workers);
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
    forward(batch, states);
    return end(batch, 0, false);
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
    forward(batch, states);
    gradients.begin(batch.rows());
    Loss loss = end(batch, 1f / Math.max(1, labels), true);
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      LayerGradient back = layer(layer, batch, null, dstates.get(layer));
      List<Op> ops = program.layer();
      for (int i = ops.size() - 1; i >= 0; i--) {
        back.backward(ops.get(i));
      }
      passOn(program.hidden(), program.layerOut());
    }
    // What the first layer was given is what the start gave.
    LayerGradient back = around(start, gradients, batch);
    gradients.set(program.hidden(), gradients.of(program.layerOut()));
    for (int i = program.start().size() - 1; i >= 0; i--) {
      back.backward(program.start().get(i));
    }
    return loss;
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
    return new LayerGradient(
        new LayerRun(
            config,
            parameters,
            workers,
            linear,
            layers.get(layer),
            gradients,
            "blocks." + layer + ".",
            batch,
            states,
            dstates,
            kept[layer]));
  }

  /** Operations around the layers, which have no state. */
  private LayerGradient around(Values values, Values its, Sequences batch) {
    return new LayerGradient(
        new LayerRun(
            config, parameters, workers, linear, values, its, "", batch, null, null, null));
  }

  /** Moves the states on. */
  void forward(Sequences batch, List<InitialStates> states) {
    start.begin(batch.rows());
    LayerGradient first = around(start, gradients, batch);
    program.start().forEach(first::forward);
    float[] hidden = start.of(program.hidden());
    for (int layer = 0; layer < config.layers(); layer++) {
      Values values = layers.get(layer);
      values.begin(batch.rows());
      values.set(program.hidden(), hidden);
      LayerGradient its = layer(layer, batch, states.get(layer), null);
      program.layer().forEach(its::forward);
      hidden = values.of(program.layerOut());
    }
  }

  /** From what the last layer gave to the loss, and back if gradients are wanted. */
  private Loss end(Sequences batch, float factor, boolean back) {
    int[] asked =
        IntStream.range(0, batch.rows()).filter(row -> batch.labels()[row] >= 0).toArray();
    int width = config.width();
    end.begin(asked.length);
    endGradients.begin(asked.length);
    float[] last = layers.getLast().of(program.layerOut());
    float[] hidden = end.of(program.hidden());
    for (int i = 0; i < asked.length; i++) {
      System.arraycopy(last, asked[i] * width, hidden, i * width, width);
    }
    int[] labels = Arrays.stream(asked).map(row -> batch.labels()[row]).toArray();
    Sequences rows = new Sequences(1, asked.length, new int[asked.length], labels);
    LayerGradient its = around(end, endGradients, rows);
    beforeHead.forEach(its::forward);
    Loss loss = head(labels, factor, back);
    if (back) {
      for (int i = beforeHead.size() - 1; i >= 0; i--) {
        its.backward(beforeHead.get(i));
      }
      float[] gradient = gradients.of(program.layerOut());
      Arrays.fill(gradient, 0, batch.rows() * width, 0);
      gradients.add(program.layerOut());
      float[] of = endGradients.of(program.hidden());
      for (int i = 0; i < asked.length; i++) {
        System.arraycopy(of, i * width, gradient, asked[i] * width, width);
      }
    }
    return loss;
  }

  private Loss head(int[] labels, float factor, boolean back) {
    int vocabulary = config.vocabulary();
    int width = config.width();
    Parameter weight = parameters.get(head.weight(), "");
    View matrix = View.of(weight.weights(), width).exchanged();
    View dmatrix = View.of(weight.gradient(), width).exchanged();
    float[] x = end.of(head.in());
    float[] dx = endGradients.of(head.in());
    endGradients.add(head.in());
    int most = Math.clamp(MOST_LOGITS / vocabulary, 1, Math.max(1, labels.length));
    if (logits.length < most * vocabulary) {
      logits = new float[most * vocabulary];
    }
    Loss loss = Loss.NONE;
    for (int first = 0; first < labels.length; first += most) {
      int count = Math.min(most, labels.length - first);
      View rows = new View(x, first * width, width, 1);
      View ys = View.of(logits, vocabulary);
      linear.forward(rows, matrix, ys, count, width, vocabulary, false);
      loss = loss.plus(cross(labels, first, count, factor));
      if (back) {
        View drows = new View(dx, first * width, width, 1);
        linear.toInput(ys, matrix, drows, count, width, vocabulary, false);
        linear.toMatrix(rows, ys, dmatrix, count, width, vocabulary);
      }
    }
    return loss;
  }

  private Loss cross(int[] labels, int first, int count, float factor) {
    int vocabulary = config.vocabulary();
    Loss[] parts = new Loss[workers.count()];
    Arrays.fill(parts, Loss.NONE);
    workers.run(
        count,
        (worker, from, to) -> {
          double sum = 0;
          long right = 0;
          for (int row = from; row < to; row++) {
            CrossEntropy.Row its =
                CrossEntropy.row(logits, row * vocabulary, vocabulary, labels[first + row], factor);
            sum += its.loss();
            right += its.right() ? 1 : 0;
          }
          parts[worker] = new Loss(sum, to - from, right);
        });
    return Arrays.stream(parts).reduce(Loss.NONE, Loss::plus);
  }
}
