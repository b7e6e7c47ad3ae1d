package aviary.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.safetensors.DType;
import aviary.torch.SavedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of tensors that are no model, or a damaged one, are refused in one line that says why. */
class ModelRefusalTest {
  @TempDir Path folder;

  private void assertRefused(Weights weights, String message) throws IOException {
    Refusals.assertRefused(weights.write(folder.resolve("model.safetensors")), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.layers.0.self_attn.q_proj.weight | Llama or one of its relatives",
        "gpt_neox.layers.0.attention.query_key_value.weight | GPT-NeoX",
        "transformer.h.0.attn.c_attn.weight | GPT-2",
        "h.0.self_attention.query_key_value.weight | Falcon",
        "backbone.layers.0.mixer.in_proj.weight | Mamba",
        "bert.encoder.layer.0.attention.self.query.weight | BERT",
        "decoder.block.0.layer.0.SelfAttention.q.weight | T5",
        "blocks.0.att.r_k | RWKV-7",
        "rwkv.blocks.0.attention.r_k | RWKV-7",
        "blocks.3.att.time_first | RWKV-4",
        "rwkv.blocks.0.attention.time_first | RWKV-4"
      })
  void otherArchitecturesAreRefusedByName(String tensor, String title) throws IOException {
    Weights other =
        new Weights(Weights.eagle().config(), Map.of())
            .with("embed.weight", DType.F32, 8, 4)
            .with(tensor, DType.F32, 4, 4);
    assertRefused(
        other,
        "is not an RWKV-5 or RWKV-6 model: it looks like %s.* \\(it has a tensor .*\\)"
            .formatted(title));
  }

  @Test
  void anUnknownArchitectureIsRefusedWithOneOfItsTensors() throws IOException {
    Weights unknown = new Weights(Weights.eagle().config(), Map.of());
    assertRefused(
        unknown.with("a\nb", DType.F32, 2),
        "is not an RWKV-5 or RWKV-6 model: it has 1 tensors, such as a\\?b");
    assertRefused(unknown, "is not an RWKV-5 or RWKV-6 model: it has 0 tensors, such as none");
  }

  @Test
  void statesAndAdaptersAreNoModels() throws IOException {
    Weights none = new Weights(Weights.eagle().config(), Map.of());
    assertRefused(
        none.with("state.wkv", DType.F32, 1, 1, 2, 2),
        "holds a state, not a model: give it to --state-in beside its model");
    assertRefused(
        none.with("blocks.0.att.time_state", DType.F32, 1, 2, 2),
        "holds a state, not a model: give it to --state-in beside its model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blocks.0.att.key.lora_A | LoRA",
        "base_model.model.rwkv.blocks.0.attention.key.lora_A.weight | LoRA",
        "base_model.model.rwkv.blocks.0.attention.key.lora_B.default.weight | LoRA",
        "base_model.model.model.layers.0.attn.r_proj.lora_A.weight | LoRA",
        "base_model.model.emb.lora_embedding_A | LoRA",
        "blocks.0.att.key.lora.0 | LoRA",
        "blocks.0.ffn.value.init_lora_B | PiSSA",
        "model.blocks.0.att.receptance.init_lora_A | PiSSA",
        "blocks.0.att.receptance.bone | Bone",
        "base_model.model.blocks.0.att.receptance.miss_block | Bone",
        "blocks.0.att.gate.disha | Bone",
        "base_model.model.blocks.0.att.key.hada_w1_a | LoHa",
        "base_model.model.blocks.0.ffn.key.ia3_l | IA3"
      })
  void adaptersAreNamedAloneAndBesideAModel(String tensor, String kind) throws IOException {
    String wanted =
        "holds an adapter \\(%s.*: it has a tensor .*\\), which is added to a model: merge it"
            + " into its model first, .*";
    Weights none = new Weights(Weights.eagle().config(), Map.of());
    assertRefused(none.with(tensor, DType.F32, 4, 64), wanted.formatted(kind));
    assertRefused(Weights.finch().with(tensor, DType.F32, 4, 64), wanted.formatted(kind));
  }

  @Test
  void checkpointsThatWereConvertedForAStrategyAreNamed() throws IOException {
    Weights eagle = Weights.eagle();
    Refusals.assertRefused(
        eagle.write(
            folder.resolve("model.pth"), Map.of("_strategy", "cuda fp16i8 *10 -> cpu fp32")),
        "is a checkpoint that ChatRWKV's convert_model.py made for the strategy \"cuda fp16i8 \\*10 ->"
            + " cpu fp32\", which .*: use the .pth that it was made from, .*");
    assertRefused(
        eagle.with("blocks.0.att.key.weight_mx", DType.F32, 64),
        "is a checkpoint that ChatRWKV's convert_model.py made for a strategy \\(it has a tensor"
            + " blocks.0.att.key.weight_mx\\), .*");
  }

  @Test
  void aSparseWeightIsNamedAsThat() throws IOException {
    Weights finch = Weights.finch();
    Checkpoint checkpoint =
        new Checkpoint(
            folder.resolve("model.pth"),
            List.of(),
            Map.of(),
            finch.without("head.weight").tensors(),
            Map.of("head.weight", "a sparse tensor", "other", "a quantized tensor"));
    String message =
        assertThrows(InputException.class, () -> ModelFiles.of(checkpoint)).getMessage();
    assertTrue(
        message.contains("tensor head.weight is a sparse tensor, wanted a dense one"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "emb.weight",
        "head.weight",
        "ln_out.bias",
        "blocks.0.ln0.weight",
        "blocks.0.ln1.weight",
        "blocks.1.att.key.weight",
        "blocks.0.att.time_maa_x",
        "blocks.1.att.time_maa_w1",
        "blocks.0.att.time_faaaa",
        "blocks.1.ffn.value.weight"
      })
  void aMissingTensorIsNamed(String name) throws IOException {
    assertRefused(
        Weights.finch().named(n -> n.equals(name) ? null : n),
        "lacks 1 of the 62 tensors of an RWKV-6.0 \"Finch\" model with 2 layers, the first is "
            + name);
  }

  @Test
  void theFirstOfManyMissingTensorsIsNamed() throws IOException {
    assertRefused(
        Weights.finch().without("ffn.key"), "has no tensor ffn.key.weight in .* 2 layers");
    assertRefused(
        Weights.eagle().without("blocks.1.att"),
        "lacks 13 of the 50 tensors of an RWKV-5.2 \"Eagle\" model .* blocks.1.att.time_mix_r");
    assertRefused(
        Weights.eagle().without("0.att.gate"), "lacks 1 of the 50 .* blocks.0.att.gate.weight");
    assertRefused(
        Weights.eagle().without("emb.weight").without("head.weight"),
        "has neither emb.weight nor head.weight");
  }

  @Test
  void blocksAreNumberedWithoutHoles() throws IOException {
    assertRefused(
        Weights.finch().named(n -> n.replace("blocks.1.", "blocks.7.")),
        "has tensors of block 7, but none of block 1");
    assertRefused(
        Weights.finch().without("blocks.0."), "has tensors of block 1, but none of block 0");
    assertRefused(
        Weights.finch().with("blocks.2147483648.att.key.weight", DType.F32, 1),
        "no model has as many layers as a tensor blocks.2147483648.att.key.weight asks for");
    assertRefused(
        Weights.finch().with("blocks.00.ln1.weight", DType.F32, 1).without("blocks.0."),
        "has tensors of block 1, but none of block 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "emb.weight                | 67 63   | \\[67, 64\\]",
        "emb.weight                | 4288    | \\[V, D\\]",
        "head.weight               | 64 67   | \\[67, 64\\]",
        "blocks.1.ln1.weight       | 63      | \\[64\\]",
        "blocks.1.att.key.weight   | 64 32   | \\[64, 64\\]",
        "blocks.1.att.key.weight   | 1 64 64 | \\[64, 64\\]",
        "blocks.1.ffn.value.weight | 224 64  | \\[64, 224\\]",
        "blocks.1.att.time_maa_w1  | 64 75   | \\[64, 80\\]",
        "blocks.0.att.time_maa_w1  | 64 82   | \\[D, 5 R\\]",
        "blocks.0.att.time_maa_w2  | 80 64   | \\[5, 16, 64\\]",
        "blocks.1.att.time_decay   | 16 4    | \\[1, 1, 64\\]",
        "blocks.1.att.time_faaaa   | 16 4    | \\[4, 16\\]",
        "blocks.0.att.time_faaaa   | 7 9     | \\[H, N\\] with H times N the width, 64",
        "blocks.0.att.time_faaaa   | 64      | \\[H, N\\] with H times N the width, 64",
        "blocks.0.ffn.key.weight   | 0 64    | sizes from 1 to 2147483647",
        "blocks.0.ln1.weight       | 0       | sizes from 1 to 2147483647",
      })
  void aWrongShapeIsNamedBesideTheWantedOne(String name, String shape, String wanted)
      throws IOException {
    long[] sides = Arrays.stream(shape.split(" ")).mapToLong(Long::parseLong).toArray();
    assertRefused(
        Weights.finch().with(name, DType.F32, sides),
        "tensor %s has shape \\[%s\\], wanted %s"
            .formatted(name, shape.replace(" ", ", "), wanted));
  }

  @Test
  void headsMustDivideTheWidth() throws IOException {
    assertRefused(
        Weights.firstEagle()
            .with("blocks.0.att.time_decay", DType.F32, 7)
            .with("blocks.0.att.time_first", DType.F32, 7),
        "blocks.0.att.time_first F32\\[7\\] is for 7 heads, which do not divide the width of 64");
    assertRefused(
        Weights.finch().with("blocks.0.att.time_faaaa", DType.F32, 4),
        "tensor blocks.0.att.time_faaaa has shape \\[4\\], wanted \\[4, 16\\]");
    assertRefused(
        Weights.firstEagle().with("blocks.1.att.time_decay", DType.F32, 4, 16),
        "tensor blocks.1.att.time_decay has shape \\[4, 16\\], wanted \\[4\\]");
  }

  @Test
  void weightsAreFloatingPointOrBlocksWithScales() throws IOException {
    String key = "blocks.1.att.key.weight";
    assertRefused(
        Weights.finch().with(key, DType.I64, 64, 64),
        "tensor " + key + " has type I64, wanted one of \\[F16, BF16, F32\\]");
    assertRefused(
        Weights.finch().with(key, DType.F64, 64, 64),
        "tensor " + key + " has type F64, wanted one of \\[F16, BF16, F32\\]");
    assertRefused(
        Weights.finch().with("ln_out.bias", DType.I8, 64),
        "tensor ln_out.bias has type I8, wanted one of \\[F16, BF16, F32, F64\\]");
    Weights quantized = Weights.finch().with(key, DType.I8, 64, 64);
    assertRefused(quantized, "lacks %s.scale, the scales of the I8 weights %<s".formatted(key));
    assertRefused(
        quantized.with(key + ".scale", DType.F16, 64, 3),
        "tensor " + key + ".scale has shape \\[64, 3\\], wanted \\[64, 2\\]");
    assertRefused(
        quantized.with(key + ".scale", DType.F32, 64, 2),
        "tensor " + key + ".scale has type F32, wanted one of \\[F16\\]");
  }

  @Test
  void timeStatesAreThereForAllLayersAndFit() throws IOException {
    String first = "blocks.0.att.time_state";
    Weights weights = Weights.finch().with("blocks.1.att.time_state", DType.F32, 4, 16, 16);
    assertRefused(weights, "has no blocks.0.att.time_state, though other layers have a time_state");
    assertRefused(
        weights.with(first, DType.F32, 4, 16, 8),
        "tensor " + first + " has shape \\[4, 16, 8\\], wanted \\[4, 16, 16\\]");
    assertRefused(
        weights.with(first, DType.I32, 4, 16, 16), "tensor " + first + " has type I32, wanted .*");
  }

  @Test
  void namesOfAnyLengthAreRefusedAtOnce() throws IOException {
    String adapter = "blocks.0.att" + ".lora_A.x".repeat(1_000_000) + "\n";
    Weights named = Weights.finch().named(n -> n.equals("emb.weight") ? adapter : n);
    Refusals.assertRefused(
        SavedTensors.write(folder.resolve("model.pth"), named.tensors()),
        "lacks 1 of the 62 .* emb.weight");
    Weights wrapped = Weights.finch().named(n -> "model.".repeat(8_000) + n);
    assertRefused(wrapped, "is not an RWKV-5 or RWKV-6 model: it has 0 tensors, such as none");
  }

  @Test
  void aTensorUnderTwoNamesIsRefused() throws IOException {
    assertRefused(
        Weights.finch().with("rwkv.ln_out.bias", DType.F32, 64), "has ln_out.bias under two names");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-8", "NaN", "Infinity", "1e30", "1e-30", "eight", ""})
  void theHeadSizeDivisorIsAPositiveNumber(String divisor) throws IOException {
    Path path = folder.resolve("model.safetensors");
    Refusals.assertRefused(
        Weights.finch().write(path, Map.of("head_size_divisor", divisor)),
        "its head_size_divisor is %s, wanted a positive number such as 8".formatted(divisor));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"head_size_divisor\": 0}   | its head_size_divisor is 0, wanted .*",
        "{\"head_size_divisor\": [8]} | its head_size_divisor is \\[, wanted .*",
        "{\"head_size_divisor\": 8e99}| its head_size_divisor is 8e99, wanted .*",
        "{\"hidden_size\": 64,        | is not valid JSON \\(.*\\); download it again",
        "[8]                          | is not a JSON object; correct it or move it away"
      })
  void aWrongConfigIsNamed(String text, String message) throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), text);
    Path path = folder.resolve("model.safetensors");
    Weights.finch().write(path, Map.of());
    Refusals.assertRefused(path, config, message);
  }
}
