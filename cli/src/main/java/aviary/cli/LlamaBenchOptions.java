package aviary.cli;

import aviary.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of llama-bench that {@code aviary bench} lacks: each is refused with what to use. */
final class LlamaBenchOptions implements IModelTransformer {

  private static final String NO_CHOICE = "aviary has no such choice; leave it out";
  private static final String PASSES =
      "aviary chooses how many tokens of a prompt it runs at once; leave it out (sequences side by"
          + " side are --batch-size)";
  private static final String ALL_LAYERS =
      "all layers run on --device; leave it out (with --device A,B --split layers=10,14 two devices"
          + " share them)";
  private static final String NO_CACHE = "RWKV has a state and no cache of keys; leave it out";

  /** The only one without a value. */
  private static final List<String> LIST_DEVICES = List.of("--list-devices");

  /** Why, by names that llama-bench has for an option. */
  private static final Map<List<String>, String> REFUSED = new LinkedHashMap<>();

  static {
    REFUSED.put(List.of("-b"), PASSES);
    REFUSED.put(List.of("-ub", "--ubatch-size"), PASSES);
    REFUSED.put(List.of("-ngl", "--n-gpu-layers"), ALL_LAYERS);
    REFUSED.put(List.of("-ncmoe", "--n-cpu-moe"), NO_CHOICE);
    REFUSED.put(
        List.of("-sm", "--split-mode"),
        "name the devices, and use --split batch or --split layers");
    REFUSED.put(List.of("-ts", "--tensor-split"), "use --split layers=10,14");
    REFUSED.put(List.of("-mg", "--main-gpu"), "use --device, as 'aviary devices' lists them");
    REFUSED.put(List.of("-ctk", "--cache-type-k"), NO_CACHE);
    REFUSED.put(List.of("-ctv", "--cache-type-v"), NO_CACHE);
    REFUSED.put(List.of("-nkvo", "--no-kv-offload"), NO_CACHE);
    REFUSED.put(
        List.of("-fa", "--flash-attn"),
        "RWKV has no attention to choose a kernel for; leave it out");
    REFUSED.put(List.of("-mmp", "--mmap"), "files are always mapped; leave it out");
    REFUSED.put(List.of("-dio", "--direct-io"), "files are always mapped; leave it out");
    REFUSED.put(List.of("-C", "--cpu-mask"), "use taskset, or --threads");
    REFUSED.put(List.of("--cpu-strict"), "use taskset, or --threads");
    REFUSED.put(List.of("--numa"), "use numactl");
    REFUSED.put(List.of("--prio"), "use nice");
    REFUSED.put(List.of("--poll"), NO_CHOICE);
    REFUSED.put(List.of("--delay"), "there is no pause between tests; leave it out");
    REFUSED.put(List.of("-ot", "--override-tensor"), NO_CHOICE);
    REFUSED.put(List.of("-nopo", "--no-op-offload"), NO_CHOICE);
    REFUSED.put(List.of("-embd", "--embeddings"), "aviary measures logits alone; leave it out");
    REFUSED.put(
        List.of("-oe", "--output-err"),
        "results go to stdout alone; use --output, or --report DIR");
    REFUSED.put(LIST_DEVICES, "use 'aviary devices'");
  }

  @Override
  public CommandSpec transform(CommandSpec spec) {
    REFUSED.forEach((names, why) ->
        spec.addOption(
            OptionSpec.builder(names.toArray(String[]::new))
                .arity(names.equals(LIST_DEVICES) ? "0..1" : "1")
                .fallbackValue("")
                .type(String.class)
                .converters(_ -> refuse(names, why))
                .hidden(true)
                .build()));
    return spec;
  }

  private static Object refuse(List<String> names, String why) {
    throw new InputException(
        "%s: an option of llama-bench that aviary does not have: %s"
            .formatted(String.join(", ", names), why));
  }
}
