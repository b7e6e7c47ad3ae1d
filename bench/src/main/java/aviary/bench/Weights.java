package aviary.bench;

import aviary.model.Inventory;
import aviary.model.Model;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What limits and records need to know of a model's weights. */
final class Weights {
  private static final String HEAD = "head.weight";

  /** What is hashed at a time. */
  private static final long PIECE = 1 << 24;

  private Weights() {}

  /** What all weights take, and what those take that a token reads: all but the embedding's. */
  record Bytes(long all, long read) {
    static Bytes of(Model model) {
      long all = 0;
      long embedding = 0;
      for (Tensor tensor : model.tensors().values()) {
        all += tensor.data().byteSize();
        if (tensor.name().startsWith("emb.")) {
          embedding += tensor.data().byteSize();
        }
      }
      return new Bytes(all, all - embedding);
    }
  }

  /**
   * The floating-point operations of matrices for a token: two for each element of a layer, and of
   * the head where logits are wanted.
   */
  static double operations(Model model, double logitsPerToken) {
    Inventory inventory = Inventory.of(model.config());
    double layer =
        inventory.layer().stream()
            .filter(item -> item.role() != Inventory.Role.VECTOR)
            .mapToDouble(Inventory.Item::elements)
            .sum();
    double head =
        inventory.end().stream()
            .filter(item -> item.role() != Inventory.Role.VECTOR)
            .mapToDouble(Inventory.Item::elements)
            .sum();
    return 2 * (layer * model.config().layers() + head * logitsPerToken);
  }

  /** The number of parameters, of the tensors that the program names. */
  static long parameters(Model model) {
    return Inventory.of(model.config()).parameters();
  }

  /** The type of the head, which is that of most weights: {@code bf16}. */
  static String type(Model model) {
    DType stored = model.tensor(HEAD).dtype();
    return stored == DType.I8 ? "q8_0" : stored.toString().toLowerCase(Locale.ROOT);
  }

  /** SHA-256 of all tensors: their names, types, shapes and data. */
  static String hash(Model model) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Tensor tensor : model.tensors().values()) {
        digest.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
        for (long at = 0; at < tensor.data().byteSize(); at += PIECE) {
          long count = Math.min(PIECE, tensor.data().byteSize() - at);
          digest.update(tensor.data().asSlice(at, count).asByteBuffer());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
