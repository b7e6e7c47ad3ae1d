package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The tensors of a small model, to be changed and written to files. */
record Weights(ModelConfig config, Map<String, Tensor> tensors) {

  static Weights of(RandomModel random) {
    Model model = random.model();
    return new Weights(model.config(), model.tensors());
  }

  /** RWKV-5.2. */
  static Weights eagle() {
    return of(RandomModels.programs().get(0));
  }

  /** RWKV-5.1, without a gate. */
  static Weights firstEagle() {
    return of(RandomModels.programs().get(1));
  }

  static Weights finch() {
    return of(RandomModels.programs().get(2));
  }

  /** The same under other names; a tensor whose new name is null is left out. */
  Weights named(UnaryOperator<String> name) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((old, tensor) -> {
      String changed = name.apply(old);
      if (changed != null) {
        renamed.put(changed, tensor.renamed(changed));
      }
    });
    return new Weights(config, renamed);
  }

  Weights without(String part) {
    return named(name -> name.contains(part) ? null : name);
  }

  /** With one tensor of zeros more, or in the place of one of that name. */
  Weights with(String name, DType dtype, long... shape) {
    long bytes = dtype.bytes();
    for (long side : shape) {
      bytes *= side;
    }
    return with(new Tensor(name, dtype, shape, Arena.ofAuto().allocate(bytes)));
  }

  Weights with(Tensor tensor) {
    Map<String, Tensor> changed = new LinkedHashMap<>(tensors);
    changed.put(tensor.name(), tensor);
    return new Weights(config, changed);
  }

  /** The same numbers of a tensor in another shape. */
  Weights reshaped(String name, long... shape) {
    Tensor tensor = tensors.get(name);
    return with(new Tensor(name, tensor.dtype(), shape, tensor.data()));
  }

  Path write(Path path) throws IOException {
    return write(path, Map.of("head_size_divisor", Float.toString(config.headSizeDivisor())));
  }

  Path write(Path path, Map<String, String> metadata) throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    tensors.values().forEach(tensor -> entries.add(SafetensorsWriter.Entry.of(tensor)));
    SafetensorsWriter.write(path, metadata, entries);
    return path;
  }

  /** Opens a model and checks that it is this one, to the last bit. */
  void assertIn(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Model model = ModelFiles.open(path, arena);
      assertEquals(config, model.config());
      assertEquals(tensors.keySet(), model.tensors().keySet());
      tensors.forEach((name, tensor) -> assertSame(tensor, model.tensor(name)));
    }
  }

  private static void assertSame(Tensor wanted, Tensor found) {
    assertEquals(wanted.toString(), found.toString());
    assertArrayEquals(
        wanted.data().toArray(ValueLayout.JAVA_BYTE),
        found.data().toArray(ValueLayout.JAVA_BYTE),
        wanted.name());
  }

  /** As Hugging Face names it. */
  static String huggingFace(String name) {
    String inside =
        name.replace(".att.", ".attention.")
            .replace(".ffn.", ".feed_forward.")
            .replace(".ln0.", ".pre_ln.")
            .replaceFirst("time_mix_k$", "time_mix_key")
            .replaceFirst("time_mix_v$", "time_mix_value")
            .replaceFirst("time_mix_r$", "time_mix_receptance")
            .replaceFirst("time_mix_g$", "time_mix_gate")
            .replaceFirst("^emb\\.", "embeddings.");
    return name.startsWith("head.") ? name : "rwkv." + inside;
  }
}
