package aviary.training;

import aviary.cpu.FloatProducts.View;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Program;
import java.util.Arrays;
import java.util.List;

/**
 * The final norm, the head and the loss, forwards and backwards, at labelled positions only. The
 * head runs some rows at a time, so that logits never take more than {@link #MOST_LOGITS} floats.
 */
final class HeadGradient {
  private static final int MOST_LOGITS = 1 << 24;

  private final Parameters parameters;
  private final ModelConfig config;
  private final Program program;
  private final Op.MatMul head;
  private final List<Op> beforeHead;
  private final Workers workers;
  private final Linear linear;
  private final Values values = new Values();
  private final Values gradients = new Values();
  private float[] logits = new float[0];

  HeadGradient(Parameters parameters, Workers workers, Linear linear) {
    this.parameters = parameters;
    config = parameters.model().config();
    program = parameters.model().program();
    head = (Op.MatMul) program.end().getLast();
    beforeHead = program.end().subList(0, program.end().size() - 1);
    this.workers = workers;
    this.linear = linear;
  }

  /**
   * The loss alone.
   *
   * @param last what the last layer gave, [rows, D]
   * @param rows the rows that {@code last} has, all labelled ones among them
   */
  Loss loss(float[] last, Rows rows) {
    Rows labelled = Rows.labelled(rows.batch());
    forwardToHead(last, labelled, labelled.placesIn(rows));
    return headAndLoss(labels(labelled), 0, false);
  }

  /**
   * Adds the gradients of a batch's mean loss to the parameters', and writes those of what the last
   * layer gave.
   *
   * @param last [rows, D]
   * @param rows the rows that {@code last} has, all labelled ones among them
   * @param labels how many the mean is over
   * @param dlast takes the gradients of {@code last}, [rows, D]
   */
  Loss gradient(float[] last, Rows rows, long labels, float[] dlast) {
    Rows labelled = Rows.labelled(rows.batch());
    int[] places = labelled.placesIn(rows);
    LayerGradient its = forwardToHead(last, labelled, places);
    Loss loss = headAndLoss(labels(labelled), 1f / Math.max(1, labels), true);
    beforeHead.reversed().forEach(its::backward);
    Rows.scatter(places, gradients.of(program.hidden()), dlast, rows.count(), config.width());
    return loss;
  }

  private static int[] labels(Rows labelled) {
    return Arrays.stream(labelled.indices()).map(row -> labelled.batch().labels()[row]).toArray();
  }

  /** Runs the final norm at labelled rows, [labelled, D]; returns it for the way back. */
  private LayerGradient forwardToHead(float[] last, Rows labelled, int[] places) {
    values.begin(labelled.count());
    gradients.begin(labelled.count());
    Rows.gather(places, last, values.of(program.hidden()), config.width());
    LayerGradient its =
        new LayerGradient(
            LayerRun.around(parameters, workers, linear, values, gradients, labelled));
    beforeHead.forEach(its::forward);
    return its;
  }

  private Loss headAndLoss(int[] labels, float factor, boolean back) {
    int vocabulary = config.vocabulary();
    int width = config.width();
    Parameter weight = parameters.get(head.weight(), "");
    View matrix = View.of(weight.weights(), width).exchanged();
    View dmatrix = View.of(weight.gradient(), width).exchanged();
    float[] x = values.of(head.in());
    float[] dx = gradients.of(head.in());
    gradients.add(head.in());
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
