package aviary.bench;

import aviary.Sha256;
import aviary.model.Inventory;
import aviary.model.Model;
import aviary.model.WeightType;
import aviary.safetensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;

/**
 * What limits and records need to know of a model's weights.
 *
 * @param type the type of the head, which is that of most weights
 * @param bytes what all weights take
 * @param readBytes what those take that a token reads: all but the embedding's
 * @param parameters how many there are, of the tensors that the program names
 * @param layerMatrices elements of all layers' matrices
 * @param headMatrices elements of the matrices behind the layers
 */
record Weights(
    WeightType type,
    long bytes,
    long readBytes,
    long parameters,
    long layerMatrices,
    long headMatrices) {

  /** What is hashed at a time. */
  private static final long PIECE = 1 << 24;

  static Weights of(Model model) {
    long bytes = 0;
    long embedding = 0;
    for (Tensor tensor : model.tensors().values()) {
      bytes += tensor.data().byteSize();
      if (tensor.name().startsWith("emb.")) {
        embedding += tensor.data().byteSize();
      }
    }
    Inventory inventory = Inventory.of(model.config(), model.program());
    return new Weights(
        type(model),
        bytes,
        bytes - embedding,
        inventory.parameters(),
        matrices(inventory.layer()) * model.config().layers(),
        matrices(inventory.end()));
  }

  private static long matrices(List<Inventory.Item> items) {
    return items.stream()
        .filter(item -> item.role() != Inventory.Role.VECTOR)
        .mapToLong(Inventory.Item::elements)
        .sum();
  }

  private static WeightType type(Model model) {
    return switch (model.tensor("head.weight").dtype()) {
      case I8 -> WeightType.Q8_0;
      case F16 -> WeightType.F16;
      case BF16 -> WeightType.BF16;
      default -> WeightType.F32;
    };
  }

  /** The type as the command line has it: {@code bf16}. */
  String typeName() {
    return name(type);
  }

  static String name(WeightType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The floating-point operations of matrices for a token: two for each element of a layer, and of
   * the head where logits are wanted.
   */
  double flops(double logitsPerToken) {
    return 2 * (layerMatrices + headMatrices * logitsPerToken);
  }

  /** SHA-256 of all tensors: their names, types, shapes and data. */
  static String hash(Model model) {
    MessageDigest digest = Sha256.digest();
    for (Tensor tensor : model.tensors().values()) {
      digest.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
      for (long at = 0; at < tensor.data().byteSize(); at += PIECE) {
        long count = Math.min(PIECE, tensor.data().byteSize() - at);
        digest.update(tensor.data().asSlice(at, count).asByteBuffer());
      }
    }
    return Sha256.digits(digest);
  }
}
