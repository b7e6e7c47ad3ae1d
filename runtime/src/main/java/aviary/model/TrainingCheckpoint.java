package aviary.model;

import aviary.InputException;
import aviary.safetensors.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The checkpoint from which a training of Aviary's resumes, which holds a model too: beside its
 * weights the optimizer's numbers. {@code aviary.training.Checkpoints} writes it.
 */
final class TrainingCheckpoint {

  /** Its name in the folder of a training. */
  static final String FILE = "checkpoint.safetensors";

  /** What a training of a state writes beside it. */
  static final String STATE_FILE = "state.safetensors";

  /** The key in the metadata that no other file has. */
  private static final String MARK = "aviary-training";

  /** What is trained. */
  private static final String WEIGHTS = "weights/";

  /** What the model has beside that. */
  private static final String KEPT = "kept/";

  private TrainingCheckpoint() {}

  /**
   * A checkpoint as the model that it holds; any other file as it is.
   *
   * @throws InputException if what was trained is no model but a state
   */
  static Checkpoint asModel(Checkpoint file) {
    if (!file.metadata().containsKey(MARK)) {
      return file;
    }
    if ("time_state".equals(file.metadata().get("train"))) {
      throw state(file);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Tensor tensor : file.tensors().values()) {
      for (String prefix : new String[] {WEIGHTS, KEPT}) {
        if (tensor.name().startsWith(prefix)) {
          String name = tensor.name().substring(prefix.length());
          tensors.put(name, tensor.renamed(name));
        }
      }
    }
    // The rest is about the training, and makes no sense in a copy of the model.
    String divisor = file.metadata().get(HeadSizeDivisor.KEY);
    Map<String, String> metadata =
        divisor == null ? Map.of() : Map.of(HeadSizeDivisor.KEY, divisor);
    return new Checkpoint(file.path(), file.files(), metadata, tensors, Map.of());
  }

  private static InputException state(Checkpoint file) {
    Path state = file.path().resolveSibling(STATE_FILE);
    return new InputException(
        "%s: is of a training of a state for the model %s: %s"
            .formatted(
                file.path(),
                TensorNames.shown(file.metadata().getOrDefault("model", "that it began with")),
                Files.exists(state)
                    ? "run that model with --state-in " + state
                    : "resume it with train --resume, which writes " + STATE_FILE));
  }
}
