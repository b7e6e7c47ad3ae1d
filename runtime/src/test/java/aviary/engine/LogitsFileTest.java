package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogitsFileTest {
  @TempDir Path folder;

  static List<RandomModel> models() {
    return RandomModels.programs();
  }

  /** More than two pieces of the prompt. */
  private static final int TOKENS = 131;

  @ParameterizedTest
  @MethodSource("models")
  void holdsWhatTheEngineGivesForThePromptInOnePiece(RandomModel random) throws IOException {
    int[] prompt = random.tokens(TOKENS);
    Path path = folder.resolve("logits.safetensors");
    try (Engine engine = ReferenceBackend.engine(random.model());
        State state = engine.newState();
        Arena arena = Arena.ofConfined()) {
      LogitsFile.write(path, Map.of("model", "m"), engine, prompt, 5);
      Logits logits = engine.forward(Batch.of(Batch.Sequence.all(state, prompt)));
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      assertEquals(Map.of("model", "m"), file.metadata());
      assertArrayEquals(prompt, integers(file.tensors().get("tokens")));
      int vocabulary = engine.config().vocabulary();
      float[] row = new float[vocabulary];
      for (int i = 0; i < TOKENS; i++) {
        file.tensors().get("logits").read((long) i * vocabulary, row, 0, vocabulary);
        assertArrayEquals(logits.row(i), row, "row " + i);
      }
      StateData after = state.read();
      assertArrayEquals(after.wkv(), file.tensors().get("state.wkv").toFloats());
      assertArrayEquals(after.attShift(), file.tensors().get("state.att_shift").toFloats());
      assertArrayEquals(after.ffnShift(), file.tensors().get("state.ffn_shift").toFloats());
      int next = logits.argmax(TOKENS - 1);
      for (int token : integers(file.tensors().get("greedy"))) {
        assertEquals(next, token);
        next = engine.forward(Batch.of(Batch.Sequence.last(state, token))).argmax(0);
      }
    }
  }

  private static int[] integers(Tensor tensor) {
    return IntStream.range(0, (int) tensor.elements())
        .map(i -> (int) tensor.data().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i))
        .toArray();
  }

  @Test
  void hasTheLayoutThatOtherProgramsRead() throws IOException {
    RandomModel random = models().getFirst();
    try (Engine engine = ReferenceBackend.engine(random.model())) {
      LogitsFile.write(folder.resolve("a"), Map.of(), engine, random.tokens(3), 0);
      LogitsFile.write(folder.resolve("b"), Map.of(), engine, random.tokens(3), 7);
    }
    List<String> state =
        List.of(
            "state.att_shift F32[2, 64]",
            "state.ffn_shift F32[2, 64]",
            "state.wkv F32[2, 4, 16, 16]");
    assertEquals(List.of("tokens I64[3]", "logits F32[3, 67]"), tensors("a").subList(0, 2));
    assertEquals(state, tensors("a").subList(2, 5));
    assertEquals("greedy I64[7]", tensors("b").get(2));
    assertEquals(state, tensors("b").subList(3, 6));
  }

  private List<String> tensors(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return SafetensorsFile.open(folder.resolve(name), arena).tensors().values().stream()
          .map(Tensor::toString)
          .toList();
    }
  }

  @Test
  void whatCannotBeRunLeavesNoFile() {
    RandomModel random = models().getFirst();
    int[] late = random.tokens(TOKENS);
    late[TOKENS - 1] = random.config().vocabulary();
    assertRefused(
        random, late, 0, "token 67 is not in the model's vocabulary of 67 tokens (0 to 66)");
    assertRefused(
        random,
        new int[] {-1},
        0,
        "token -1 is not in the model's vocabulary of 67 tokens (0 to 66)");
    assertRefused(
        random, new int[0], 0, "the prompt is empty: there are no logits before a first token");
    assertRefused(random, new int[1], -1, "--greedy -1: it has to be at least 0");
  }

  private void assertRefused(RandomModel random, int[] prompt, int greedy, String message) {
    Path path = folder.resolve("logits.safetensors");
    try (Engine engine = ReferenceBackend.engine(random.model())) {
      InputException e =
          assertThrows(
              InputException.class, () -> LogitsFile.write(path, Map.of(), engine, prompt, greedy));
      assertEquals(message, e.getMessage());
    }
    assertFalse(Files.exists(path));
  }
}
