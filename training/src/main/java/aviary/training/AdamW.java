package aviary.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101). With g the
 * gradient, m and v its running mean and that of its square, both corrected for their start at 0:
 * {@code w = w - rate (m / (sqrt(v) + epsilon) + decay w)}. Only matrices are decayed.
 */
final class AdamW {
  private static final float BETA_1 = 0.9f;
  private static final float BETA_2 = 0.99f;
  private static final float EPSILON = 1e-8f;

  /** Two running means of a parameter's gradient. */
  record Moments(float[] mean, float[] square) {}

  private final List<Parameter> trained = new ArrayList<>();
  private final Map<String, Moments> moments = new LinkedHashMap<>();
  private final Workers workers;

  AdamW(Iterable<Parameter> parameters, Workers workers) {
    this.workers = workers;
    for (Parameter parameter : parameters) {
      trained.add(parameter);
      int size = parameter.weights().length;
      moments.put(parameter.name(), new Moments(new float[size], new float[size]));
    }
  }

  Map<String, Moments> moments() {
    return moments;
  }

  /** The length of the gradient of all parameters together. */
  double gradientNorm() {
    double[] parts = new double[workers.count()];
    double sum = 0;
    for (Parameter parameter : trained) {
      float[] g = parameter.gradient();
      workers.run(
          g.length,
          (worker, from, to) -> {
            double part = 0;
            for (int i = from; i < to; i++) {
              part += (double) g[i] * g[i];
            }
            parts[worker] = part;
          });
      for (int worker = 0; worker < parts.length; worker++) {
        sum += parts[worker];
        parts[worker] = 0;
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * Moves the weights.
   *
   * @param step which step it is, from 0
   * @param factor what gradients are multiplied by before anything else
   */
  void step(long step, double rate, double weightDecay, double factor) {
    double first = 1 - Math.pow(BETA_1, step + 1);
    double second = 1 - Math.pow(BETA_2, step + 1);
    for (Parameter parameter : trained) {
      Moments its = moments.get(parameter.name());
      double own = rate * parameter.rate();
      float keep = (float) (1 - (parameter.decays() ? own * weightDecay : 0));
      float scale = (float) (own / first);
      float correction = (float) (1 / Math.sqrt(second));
      workers.run(
          parameter.weights().length,
          (_, from, to) -> move(parameter, its, from, to, (float) factor, keep, scale, correction));
    }
  }

  private static void move(
      Parameter parameter,
      Moments moments,
      int from,
      int to,
      float factor,
      float keep,
      float scale,
      float correction) {
    float[] w = parameter.weights();
    float[] g = parameter.gradient();
    float[] m = moments.mean;
    float[] v = moments.square;
    for (int i = from; i < to; i++) {
      float gradient = g[i] * factor;
      m[i] = BETA_1 * m[i] + (1 - BETA_1) * gradient;
      v[i] = BETA_2 * v[i] + (1 - BETA_2) * gradient * gradient;
      w[i] = keep * w[i] - scale * m[i] / ((float) Math.sqrt(v[i]) * correction + EPSILON);
    }
  }
}
