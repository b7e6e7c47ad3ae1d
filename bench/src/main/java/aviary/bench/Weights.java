package aviary.bench;

import aviary.model.Inventory;
import aviary.model.Model;
import aviary.model.Program;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/** What limits and records need to know of a model's weights, and of memory. */
final class Weights {
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
    String head = Program.of(model.config()).end().isEmpty() ? "" : "head.weight";
    return switch (model.tensor(head).dtype()) {
      case I8 -> "q8_0";
      case F32 -> "f32";
      case F16 -> "f16";
      case BF16 -> "bf16";
      default -> model.tensor(head).dtype().toString();
    };
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

  /** The machine's memory, in bytes. */
  static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** Begins anew with {@link #peakMemory}, where the system can. */
  static void forgetPeak() {
    Path clear = Path.of("/proc/self/clear_refs");
    if (Files.isWritable(clear)) {
      try {
        Files.writeString(clear, "5");
      } catch (IOException e) {
        // Then the peak is that of all before, too.
      }
    }
  }

  /**
   * The most memory that this process has had, in bytes, mapped files included; where the system
   * does not tell, the heap's and the JVM's own.
   */
  static long peakMemory() {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      try (Stream<String> lines = Files.lines(status)) {
        return lines
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        // Then it is asked of the JVM.
      }
    }
    var memory = ManagementFactory.getMemoryMXBean();
    return memory.getHeapMemoryUsage().getCommitted()
        + memory.getNonHeapMemoryUsage().getCommitted();
  }
}
