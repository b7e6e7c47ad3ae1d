package aviary.evaluation.output;

import aviary.InputException;
import aviary.Sha256;
import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.template.PythonRepr;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;

/**
 * All that the answers and scores of a run depend on, by name. A run can only be gone on with by
 * one that has the same.
 *
 * @param values texts and numbers
 */
public record RunIdentity(Map<String, Object> values) {

  /** What a buffer can have of a tensor. */
  private static final long PIECE = 1 << 30;

  /**
   * Tells a model from others as it is run: the SHA-256 of its tensors' names, types, shapes and
   * CRC-32C checksums. Every byte of the tensors counts, so that none changes by accident without
   * this changing; as a CRC can be forged it is no proof against who wants that. It is not the hash
   * of the file.
   */
  public static String ofModel(Model model) {
    List<Tensor> tensors = List.copyOf(new TreeMap<>(model.tensors()).values());
    List<String> lines = tensors.parallelStream().map(RunIdentity::line).toList();
    return Sha256.of(String.join("", lines));
  }

  private static String line(Tensor tensor) {
    CRC32C checksum = new CRC32C();
    long bytes = tensor.data().byteSize();
    for (long at = 0; at < bytes; at += PIECE) {
      checksum.update(tensor.data().asSlice(at, Math.min(PIECE, bytes - at)).asByteBuffer());
    }
    return "%s %s %s %08x\n"
        .formatted(
            tensor.name(), tensor.dtype(), Arrays.toString(tensor.shape()), checksum.getValue());
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
      throw new InputException(
          "%s: is damaged; delete the folder that it is in, or name another --output"
              .formatted(file),
          e);
    }
    Map<Object, Object> all = new LinkedHashMap<>(values);
    begun.keySet().forEach(name -> all.putIfAbsent(name, null));
    for (Object name : all.keySet()) {
      String then = PythonRepr.str(begun.get(name));
      String now = PythonRepr.str(values.get(name));
      if (!then.equals(now)) {
        throw new InputException(
            "--resume: the run in %s had another %s (%s, now %s); give it the same, or name another"
                    .formatted(file.getParent().getParent(), name, shortened(then), shortened(now))
                + " --output");
      }
    }
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
