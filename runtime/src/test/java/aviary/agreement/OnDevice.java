package aviary.agreement;

import aviary.engine.Backends;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.model.Model;

/** Tests that can run on any device. A backend's test class names the device. */
public interface OnDevice {

  /** The device to test. */
  String device();

  /** How its engines are to run. */
  default EngineOptions options() {
    return EngineOptions.DEFAULT;
  }

  /**
   * The greatest difference from what is right, as a part of the greatest number there. The weights
   * are the same rounded ones on both sides, so only float32's rounding of activations, state and
   * sums is between them: 6e-8 a step, in sums of a few hundred terms, through a few dozen steps,
   * stretched by norms of small rows. 1e-4 leaves room for all orders of summation, and a wrong
   * formula is hundreds of times further off.
   */
  default double tolerance() {
    return 1e-4;
  }

  /** An engine of that device for the model. */
  default Engine open(Model model) {
    return Backends.open(model, device(), options());
  }
}
