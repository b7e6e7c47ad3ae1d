package aviary.engine;

import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import java.util.List;
import java.util.Optional;

/**
 * A way to run models. Backends are found by {@link java.util.ServiceLoader}; see {@link Backends}.
 */
public interface Backend {

  /** The first part of its devices' ids: {@code cpu}, {@code tornado}. */
  String name();

  /** The devices of this machine that it can use; empty where there are none. */
  List<Device> devices();

  /**
   * One line that says why there are no devices and how to get them; empty where there are some.
   */
  default String hint() {
    return "";
  }

  /** Starts, on a thread of its own, what the first {@link #open} needs and needs no model for. */
  default void prepare() {}

  /**
   * Compiles a model's program for a device, or some layers of it.
   *
   * @param model the model; its memory must stay open as long as the stage
   * @param layers which of its layers
   * @param device the id of one of {@link #devices}
   * @param options how to run it
   * @throws aviary.InputException if there is no such device or the layers do not fit it
   */
  Stage open(Model model, Layers layers, String device, EngineOptions options);

  /**
   * How engines share out their work to the host's cores; empty where they do not, as a device's
   * own do it, or one thread of the reference.
   *
   * @param options how engines are to run there
   * @throws aviary.InputException if they cannot run so
   */
  default Optional<HostCores> cores(EngineOptions options) {
    return Optional.empty();
  }

  /**
   * Checks that a model's layers can have room on a device, by their shapes, before their weights
   * are read or made; {@link #open} checks it to the byte.
   *
   * @param type the type of most weights
   * @param layers which of the model's layers
   * @param device the id of one of {@link #devices}
   * @throws aviary.InputException if it cannot; both numbers are named
   */
  default void requireFits(ModelConfig config, WeightType type, Layers layers, String device) {}

  /**
   * Measures what a device could do at most; takes some seconds.
   *
   * @param device the id of one of {@link #devices}
   * @param options how engines are to run there
   * @param bytes what is to be read, as a model's weights are: page tables are read too, so that
   *     more memory is read more slowly; 0 where it is not known
   * @return empty where the backend has no way to
   */
  default Optional<DeviceLimits> limits(String device, EngineOptions options, long bytes) {
    return Optional.empty();
  }
}
