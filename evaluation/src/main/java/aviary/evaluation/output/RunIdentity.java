package aviary.evaluation.output;

import aviary.InputException;
import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.template.PythonRepr;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;

/**
 * All that the answers of a run depend on, by name. A run can only be gone on with by one that has
 * the same.
 *
 * @param values texts and numbers
 */
public record RunIdentity(Map<String, Object> values) {
  private static final int SAMPLED_BYTES = 4096;

  /** A hash of all of a model's tensors: of their names, shapes, and first and last bytes. */
  public static String ofModel(Model model) {
    MessageDigest hash = Sha256.digest();
    for (Tensor tensor : new TreeMap<>(model.tensors()).values()) {
      String head = tensor.name() + tensor.dtype() + Arrays.toString(tensor.shape());
      hash.update(head.getBytes(StandardCharsets.UTF_8));
      long bytes = tensor.data().byteSize();
      long sampled = Math.min(SAMPLED_BYTES, bytes);
      hash.update(tensor.data().asSlice(0, sampled).asByteBuffer());
      hash.update(tensor.data().asSlice(bytes - sampled).asByteBuffer());
    }
    return Sha256.digits(hash);
  }

  /** Keeps it. */
  void write(Path file) throws IOException {
    Files.writeString(file, PythonJson.indented(values) + "\n");
  }

  /**
   * Checks that a run that was begun had the same.
   *
   * @throws InputException which names the first thing that it had not
   */
  void requireSame(Path file) throws IOException {
    Map<?, ?> begun;
    try {
      begun = JsonValues.read(Files.readAllBytes(file)) instanceof Map<?, ?> map ? map : Map.of();
    } catch (JacksonException e) {
      throw new InputException(file + ": is damaged; run again without --resume", e);
    }
    Map<Object, Object> all = new LinkedHashMap<>(values);
    begun.keySet().forEach(name -> all.putIfAbsent(name, null));
    for (Object name : all.keySet()) {
      String then = PythonRepr.str(begun.get(name));
      String now = PythonRepr.str(values.get(name));
      if (!then.equals(now)) {
        throw new InputException(
            "--resume: the run in %s had another %s (%s, now %s); give it the same, or run again"
                    .formatted(file.getParent().getParent(), name, shortened(then), shortened(now))
                + " without --resume");
      }
    }
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
