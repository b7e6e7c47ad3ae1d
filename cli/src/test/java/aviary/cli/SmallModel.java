package aviary.cli;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.Model;
import aviary.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/** Models of random weights as files, small enough for the reference to run. */
final class SmallModel {
  private SmallModel() {}

  /** An RWKV-5 model whose tokens are bytes. */
  static Path byteLevel(Path folder) throws IOException {
    return write(RandomModels.ofBytes(), folder, "bytes.safetensors");
  }

  /** An RWKV-6 model with 300 tokens. */
  static Path ofWords(Path folder) throws IOException {
    return write(first(random -> random.config().vocabulary() == 300), folder, "words.safetensors");
  }

  static RandomModel first(Predicate<RandomModel> wanted) {
    return RandomModels.all().stream().filter(wanted).findFirst().orElseThrow();
  }

  private static Path write(RandomModel random, Path folder, String name) throws IOException {
    return write(random.model(), folder.resolve(name));
  }

  static Path write(Model model, Path path) throws IOException {
    SafetensorsWriter.write(
        path,
        Map.of("head_size_divisor", Float.toString(model.config().headSizeDivisor())),
        model.tensors().values().stream().map(SafetensorsWriter.Entry::of).toList());
    return path;
  }
}
