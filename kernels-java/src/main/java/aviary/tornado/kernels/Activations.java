package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Functions of one number, for kernels to call: TornadoVM compiles them into the kernel. */
public final class Activations {

  /** {@code x}. */
  public static final int NONE = 0;

  /** The hyperbolic tangent. */
  public static final int TANH = 1;

  /** {@code 1 / (1 + exp(-x))}. */
  public static final int SIGMOID = 2;

  /** {@code x / (1 + exp(-x))}. */
  public static final int SILU = 3;

  /** {@code max(x, 0)^2}. */
  public static final int SQUARED_RELU = 4;

  /** {@code exp(-exp(x))}: the decay of the wkv state, from the logarithm of its speed. */
  public static final int DECAY = 5;

  private Activations() {}

  /** The function {@code activation} of x. */
  public static float of(int activation, float x) {
    float y = x;
    if (activation == TANH) {
      y = TornadoMath.tanh(x);
    } else if (activation == SIGMOID) {
      y = 1.0f / (1.0f + TornadoMath.exp(-x));
    } else if (activation == SILU) {
      y = x / (1.0f + TornadoMath.exp(-x));
    } else if (activation == SQUARED_RELU) {
      // A maximum would give 0 for what is no number.
      y = x < 0.0f ? 0.0f : x * x;
    } else if (activation == DECAY) {
      y = TornadoMath.exp(-TornadoMath.exp(x));
    }
    return y;
  }
}
