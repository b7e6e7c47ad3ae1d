package aviary.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognizes adapters by their tensors' names: what fine-tuning with LoRA and the like adds to a
 * model's matrices. Without them the model would be another, and they are no model alone.
 */
final class Adapters {

  private record Kind(String title, Pattern sign) {
    Kind(String title, String sign) {
      this(title, Pattern.compile("(?:.*\\.)?(?:" + sign + ")(?:\\..*)?"));
    }
  }

  /** The names that RWKV-PEFT and PEFT of Hugging Face give, and web-rwkv's for LoRA. */
  private static final List<Kind> KINDS =
      List.of(
          new Kind("PiSSA", "init_lora_[AB]|pissa(_[AB])?"),
          new Kind("LoRA", "lora_(A|B|embedding_A|embedding_B|magnitude_vector)"),
          new Kind("LoRA", "(?:blocks\\.\\d+\\.(?:att|ffn)\\.\\w+|emb|head)\\.lora\\.[01]"),
          new Kind("Bone, MiSS or DiSHA", "bone(_\\w+)?|miss(_\\w+)?|disha"),
          new Kind("LoHa or LoKr", "(hada|lokr)_(w1|w2|t1|t2)(_[ab])?"),
          new Kind("IA3", "ia3_l"),
          new Kind("OFT or BOFT", "(oft|boft|hra)_(r|R|s|u)"),
          new Kind("VeRA", "vera_(lambda_[bd]|A|B)"),
          new Kind("prompt tuning", "prompt_embeddings"));

  private Adapters() {}

  /**
   * What adapter there is.
   *
   * @param names the canonical names of the tensors
   * @return its kind, and a tensor that gave it away
   */
  static Optional<String> recognize(Collection<String> names) {
    return KINDS.stream()
        .flatMap(kind ->
            names.stream()
                .filter(kind.sign().asMatchPredicate())
                .map(name -> kind.title() + ": it has a tensor " + TensorNames.shown(name)))
        .findFirst();
  }

  /**
   * What to say of one.
   *
   * @param what what it is, as {@link #recognize} says it
   */
  static String refusal(String what) {
    return "holds an adapter (%s), which is added to a model: merge it into its model first, with"
            .formatted(what)
        + " merge_and_unload() of PEFT or the merge scripts of RWKV-PEFT, and use the merged one";
  }
}
