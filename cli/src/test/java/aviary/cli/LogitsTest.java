package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.SharedData;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogitsTest {
  /**
   * Float32 rounding through a few dozen steps; a wrong formula is hundreds of times further off.
   */
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  private static Run logits(Path model, Path output, String... prompt) {
    String[] args = {
      "logits", "--model", model.toString(), "--device", "reference", "--output", output.toString()
    };
    String[] all = new String[args.length + prompt.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(prompt, 0, all, args.length, prompt.length);
    return Run.of(all);
  }

  @ParameterizedTest
  @CsvSource({"tiny-eagle-5v2, a", "tiny-eagle-5v2, b", "tiny-finch-6v0, a", "tiny-finch-6v0, b"})
  void goldenFilesAreWrittenAgain(String name, String which) throws IOException {
    Path model = SharedData.file("models/" + name + ".safetensors");
    Path golden = SharedData.file("golden/" + name + "." + which + ".safetensors");
    Path output = folder.resolve("logits.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = SafetensorsFile.open(golden, arena).tensors();
      String tokens =
          IntStream.of(integers(expected.get("tokens")))
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(","));
      Run run = logits(model, output, "--tokens", tokens, "--greedy", "64").ok();
      assertEquals("", run.out() + run.err());
      Map<String, Tensor> written = SafetensorsFile.open(output, arena).tensors();
      assertEquals(expected.keySet(), written.keySet());
      for (Tensor right : expected.values()) {
        Tensor ours = written.get(right.name());
        assertEquals(right.toString(), ours.toString());
        switch (right.dtype()) {
          case I64 -> assertArrayEquals(integers(right), integers(ours), right.name());
          default -> assertClose(right, ours);
        }
      }
    }
  }

  private static int[] integers(Tensor tensor) {
    return IntStream.range(0, (int) tensor.elements())
        .map(i -> (int) tensor.data().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i))
        .toArray();
  }

  private static void assertClose(Tensor expected, Tensor actual) {
    float[] right = expected.toFloats();
    float[] ours = actual.toFloats();
    double greatest = 0;
    double difference = 0;
    for (int i = 0; i < right.length; i++) {
      greatest = Math.max(greatest, Math.abs(right[i]));
      difference = Math.max(difference, Math.abs(right[i] - ours[i]));
    }
    assertTrue(
        difference <= TOLERANCE * greatest,
        "%s differs by %.3g of %.3g".formatted(expected, difference, greatest));
  }

  @Test
  void aPromptIsTokensATextOrAFile() throws IOException {
    Path model = SmallModel.byteLevel(folder);
    Path text = Files.writeString(folder.resolve("prompt.txt"), "Hé\n");
    List<String[]> prompts =
        List.of(
            new String[] {"--tokens", "72,195,169,10"},
            new String[] {"--tokens", "72 195 169 10"},
            new String[] {"--prompt", "Hé\n"},
            new String[] {"--prompt-file", text.toString()});
    byte[] first = null;
    for (String[] prompt : prompts) {
      Path output = folder.resolve("out.safetensors");
      logits(model, output, prompt).ok();
      byte[] bytes = Files.readAllBytes(output);
      assertArrayEquals(first == null ? bytes : first, bytes);
      first = bytes;
    }
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(folder.resolve("out.safetensors"), arena);
      assertEquals(Map.of("model", "bytes.safetensors", "device", "reference"), file.metadata());
      assertArrayEquals(new int[] {72, 195, 169, 10}, integers(file.tensors().get("tokens")));
    }
  }

  @Test
  void tokensNeedNoVocabulary() throws IOException {
    logits(SmallModel.ofWords(folder), folder.resolve("out"), "--tokens=299").ok();
  }

  @Test
  void itsFileIsAStateToGoOnFrom() throws IOException {
    Path model = SmallModel.byteLevel(folder);
    Path output = folder.resolve("out.safetensors");
    logits(model, output, "--prompt=Once", "--greedy=6").ok();
    Run run =
        Run.of(
                "generate",
                "--model=" + model,
                "--device=reference",
                "--json",
                "--temperature=0",
                "--max-tokens=6",
                "--state-in=" + output)
            .ok();
    try (Arena arena = Arena.ofConfined()) {
      int[] greedy = integers(SafetensorsFile.open(output, arena).tensors().get("greedy"));
      String tokens =
          IntStream.of(greedy).mapToObj(Integer::toString).collect(Collectors.joining(","));
      assertTrue(run.out().contains("\"tokens\":[" + tokens + "]"), run.out());
    }
  }

  @Test
  void badPromptsAreRefusedAndNothingIsWritten() throws IOException {
    Path model = SmallModel.byteLevel(folder);
    Path output = folder.resolve("out.safetensors");
    logits(model, output, "--tokens", "1,2,256")
        .assertRefused("token 256 is not in the model's vocabulary of 256 tokens \\(0 to 255\\)");
    logits(model, output, "--tokens", "1,-2").assertRefused("token -2 is not in the model's.*");
    logits(model, output, "--tokens", "1,x").assertRefused("--tokens: 'x' is no token id.*");
    logits(model, output, "--tokens", "1,,2").assertRefused("--tokens: '' is no token id.*");
    logits(model, output, "--tokens", "1,2,").assertRefused("--tokens: '' is no token id.*");
    logits(model, output, "--prompt", "").assertRefused("the prompt is empty.*");
    logits(model, output, "--prompt", "a", "--tokens", "1").assertRefused(".*exclusive.*");
    logits(model, output).assertRefused("Missing required argument.*");
    logits(model, output, "--prompt", "a", "--greedy=-1").assertRefused("--greedy -1: .*");
    assertFalse(Files.exists(output));
  }

  @Test
  void aPlaceThatCannotBeWrittenIsToldBeforeTheModelIsOpened() {
    Path none = Path.of("no such model");
    logits(none, folder.resolve("missing").resolve("out"), "--prompt=a")
        .assertRefused(".*out: cannot be written: there is no folder .*missing");
    logits(none, folder, "--prompt=a").assertRefused(".*: is a folder; name a file to write");
  }
}
