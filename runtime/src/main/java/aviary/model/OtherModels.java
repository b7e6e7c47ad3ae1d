package aviary.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Recognizes models of other architectures by their tensors' names, to refuse them by name. */
final class OtherModels {

  private static final Pattern LN_X = Pattern.compile("blocks\\.\\d+\\.att\\.ln_x\\.weight");

  private record Kind(String title, Predicate<String> sign) {
    Kind(String title, String sign) {
      this(title, Pattern.compile(sign).asMatchPredicate());
    }
  }

  private static final Kind RWKV_4 = new Kind("RWKV-4", "blocks\\.\\d+\\.att\\.time_first");

  private static final List<Kind> KINDS =
      List.of(
          new Kind("RWKV-7", "blocks\\.\\d+\\.att\\.(r_k|w0|a0|k_k)"),
          new Kind(
              "Llama or one of its relatives (Mistral, Qwen, Gemma)",
              ".*layers\\.\\d+\\.self_attn\\.q(kv)?_proj\\.\\w+"),
          new Kind("GPT-NeoX (Pythia)", "(gpt_neox\\.)?layers\\.\\d+\\.attention\\..*"),
          new Kind("GPT-2", "(transformer\\.)?h\\.\\d+\\.attn\\.c_attn\\.\\w+"),
          new Kind("Falcon or BLOOM", "(transformer\\.)?h\\.\\d+\\.self_attention\\..*"),
          new Kind("Mamba", "(backbone\\.)?layers\\.\\d+\\.mixer\\..*"),
          new Kind("BERT", ".*encoder\\.layer\\.\\d+\\.attention\\.self\\..*"),
          new Kind("T5", "(en|de)coder\\.block\\.\\d+\\.layer\\.\\d+\\..*"),
          new Kind(
              "RWKV with the names of flash-linear-attention",
              "layers\\.\\d+\\.attn\\.(x_proj|r_proj|w_proj|g_norm)\\..*"));

  private OtherModels() {}

  /**
   * What the model looks like, if it is of a known other architecture.
   *
   * @param names the canonical names of its tensors
   * @return its name, and a tensor that gave it away
   */
  static Optional<String> recognize(Collection<String> names) {
    for (Kind kind : KINDS) {
      Optional<String> found = find(kind, names);
      if (found.isPresent()) {
        return found;
      }
    }
    // RWKV-5.1 has a time_first too, but also a group norm.
    boolean rwkv5 = names.stream().anyMatch(LN_X.asMatchPredicate());
    return rwkv5 ? Optional.empty() : find(RWKV_4, names);
  }

  private static Optional<String> find(Kind kind, Collection<String> names) {
    return names.stream()
        .filter(kind.sign())
        .findFirst()
        .map(name -> "%s (it has a tensor %s)".formatted(kind.title(), TensorNames.shown(name)));
  }
}
