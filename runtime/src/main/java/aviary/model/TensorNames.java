package aviary.model;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of tensors. Aviary uses those of the original checkpoints (BlinkDL's); Hugging Face's
 * ({@code RWKV/v5-Eagle-7B-HF}, {@code RWKV/v6-Finch-1B6-HF}) are mapped to them, and what training
 * programs put before all names is taken away.
 */
final class TensorNames {

  /**
   * DeepSpeed's, PyTorch's compiler's and data parallelism's, and those of wrapping classes;
   * bounded, so that no hostile name makes the matcher recurse without end.
   */
  private static final Pattern WRAPPING =
      Pattern.compile("^(?:(?:_forward_module|_orig_mod|module|model|rwkv)\\.){1,8}");

  private static final Pattern IN_BLOCK = Pattern.compile("(blocks\\.\\d+\\.)(\\w+)\\.(.+)");

  private static final Map<String, String> OUTSIDE =
      Map.of("embeddings.weight", "emb.weight", "lm_head.weight", "head.weight");

  private static final Map<String, String> PARTS =
      Map.of("pre_ln", "ln0", "attention", "att", "feed_forward", "ffn");

  private static final Map<String, String> MIXES =
      Map.of(
          "time_mix_key", "time_mix_k",
          "time_mix_value", "time_mix_v",
          "time_mix_receptance", "time_mix_r",
          "time_mix_gate", "time_mix_g");

  /** The longest part of a foreign name that a message repeats. */
  private static final int LONGEST_SHOWN = 80;

  private TensorNames() {}

  /** The name that the tensor has in the original checkpoints. */
  static String canonical(String name) {
    String bare = WRAPPING.matcher(name).replaceFirst("");
    Matcher block = IN_BLOCK.matcher(bare);
    if (!block.matches()) {
      return OUTSIDE.getOrDefault(bare, bare);
    }
    String part = PARTS.getOrDefault(block.group(2), block.group(2));
    String rest = MIXES.getOrDefault(block.group(3), block.group(3));
    return block.group(1) + part + "." + rest;
  }

  /** A name from a file as a message can show it: one line of bounded length. */
  static String shown(String name) {
    String bounded =
        name.length() <= LONGEST_SHOWN ? name : name.substring(0, LONGEST_SHOWN) + "...";
    return bounded.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
