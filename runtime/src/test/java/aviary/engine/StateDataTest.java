package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.SharedData;
import aviary.safetensors.DType;
import aviary.safetensors.Mutations;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateDataTest {
  @TempDir Path folder;

  private static StateData random() {
    long seed = new Random().nextLong();
    System.out.println("StateDataTest seed " + seed);
    Random random = new Random(seed);
    StateData state = StateData.zero(3, 8, 2, 4);
    for (float[] numbers : List.of(state.attShift(), state.ffnShift(), state.wkv())) {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
    }
    return state;
  }

  @Test
  void partsOfAStatePutTogetherAreTheState() {
    StateData state = random();
    List<StateData> parts =
        Layers.inTurn(List.of(2, 1)).stream().map(layers -> state.part(layers)).toList();
    assertEquals(2, parts.getFirst().layers());
    assertEquals(state.attShift()[2 * 8 + 1], parts.getLast().attShift()[1]);
    assertEquals(state.wkv()[2 * 2 * 4 * 4 + 1], parts.getLast().wkv()[1]);
    StateData back = StateData.join(parts);
    assertEquals(3, back.layers());
    assertArrayEquals(state.attShift(), back.attShift());
    assertArrayEquals(state.ffnShift(), back.ffnShift());
    assertArrayEquals(state.wkv(), back.wkv());
  }

  @Test
  void aStateReadsBackAsItWas() throws IOException {
    StateData state = random();
    Path path = folder.resolve("state.safetensors");
    state.save(path);
    StateData back = StateData.load(path);
    assertEquals(3, back.layers());
    assertEquals(8, back.width());
    assertEquals(2, back.heads());
    assertEquals(4, back.headSize());
    assertArrayEquals(state.attShift(), back.attShift());
    assertArrayEquals(state.ffnShift(), back.ffnShift());
    assertArrayEquals(state.wkv(), back.wkv());
  }

  @Test
  void aStatesFileHasTheLayoutThatOtherProgramsRead() throws IOException {
    Path path = folder.resolve("state.safetensors");
    random().save(path);
    try (Arena arena = Arena.ofConfined()) {
      List<String> tensors =
          SafetensorsFile.open(path, arena).tensors().values().stream()
              .map(Tensor::toString)
              .toList();
      assertEquals(
          List.of(
              "state.att_shift F32[3, 8]",
              "state.ffn_shift F32[3, 8]",
              "state.wkv F32[3, 2, 4, 4]"),
          tensors);
    }
  }

  @Test
  void statesOfOtherProgramsAreRead() throws IOException {
    Path path = SharedData.file("golden/tiny-finch-6v0.a.safetensors");
    StateData state = StateData.load(path);
    assertEquals(128, state.width());
    assertEquals(16, state.heads());
    try (Arena arena = Arena.ofConfined()) {
      Tensor wkv = SafetensorsFile.open(path, arena).tensors().get("state.wkv");
      assertArrayEquals(wkv.toFloats(), state.wkv());
    }
  }

  @Test
  void aFileWithoutAStateIsRefused() throws IOException {
    assertRefused(
        "holds no state: it has neither state.att_shift nor blocks.0.att.time_state",
        entry("logits", DType.F32, 2, 2));
    assertRefused(
        "is a model without a state of its own, not a state: wanted a file with state.wkv or"
            + " time_state",
        entry("emb.weight", DType.F32, 2, 2));
    assertRefused(
        "holds no state: it has neither state.wkv nor blocks.0.att.time_state",
        entry("state.att_shift", DType.F32, 1, 8),
        entry("state.ffn_shift", DType.F32, 1, 8));
  }

  @Test
  void aFileWithoutTensorsIsNamed() throws IOException {
    Path path = folder.resolve("state.txt");
    for (String text : List.of("Once upon a time", "1 'a' 1\n", "{}", "")) {
      Files.writeString(path, text);
      String message = assertThrows(InputException.class, () -> StateData.load(path)).getMessage();
      assertTrue(
          message.matches(
              Pattern.quote(path.toString())
                  + ": is (a text|a vocabulary|JSON|an empty file), not a state: wanted .*"),
          message);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "state, is a binary file of no known kind",
    "state.bin, is a binary file of no known kind",
    "state.pth, is not a file that torch.save wrote",
    "state.st, is not a safetensors file",
    "state.safetensors, is not a safetensors file",
  })
  void bytesOfNoKindAreNamedByWhatTheirNamePromises(String name, String what) throws IOException {
    byte[] random = new byte[5000];
    new Random(7).nextBytes(random);
    Path path = Files.write(folder.resolve(name), random);
    String message = assertThrows(Exception.class, () -> StateData.load(path)).getMessage();
    String wanted =
        what.endsWith("kind") ? ", not a state: wanted a safetensors file or .*" : ": .*";
    assertTrue(message.matches(Pattern.quote(path.toString()) + ": " + what + wanted), message);
  }

  /** The same numbers, [2, 3, 3] for two layers, as they are or transposed, in a type. */
  private Path timeStates(String name, DType dtype, boolean transposed, String... more)
      throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (int layer = 0; layer < 2; layer++) {
      ByteBuffer bytes = ByteBuffer.allocate(18 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at < 18; at++) {
        int row = at / 3 % 3;
        int column = at % 3;
        int number = transposed ? at / 9 * 9 + column * 3 + row : at;
        if (dtype == DType.F16) {
          bytes.putShort(Float.floatToFloat16(number + 20 * layer));
        } else {
          bytes.putFloat(number + 20 * layer);
        }
      }
      entries.add(
          new SafetensorsWriter.Entry(
              StateData.timeStateName(layer),
              dtype,
              new long[] {2, 3, 3},
              Payload.of(MemorySegment.ofArray(bytes.array()))));
    }
    for (String other : more) {
      entries.add(entry(other, dtype, 2, 3));
    }
    Path path = folder.resolve(name);
    SafetensorsWriter.write(path, Map.of("format", "pt"), entries);
    return path;
  }

  @Test
  void aStateThatAi00ConvertedIsTheOneThatWasTuned() throws IOException {
    StateData tuned = StateData.load(timeStates("tuned.safetensors", DType.F32, false));
    assertArrayEquals(new float[] {0, 3, 6, 1, 4, 7}, Arrays.copyOf(tuned.wkv(), 6));
    StateData converted = StateData.load(timeStates("converted.st", DType.F16, true));
    assertArrayEquals(tuned.wkv(), converted.wkv());
  }

  @Test
  void aStateThatMayBeTransposedIsRefused() throws IOException {
    String wanted =
        ": it cannot be told whether its time_state is as state tuning saves it or"
            + " transposed: ";
    Path renamed = timeStates("converted.safetensors", DType.F16, true);
    String message = assertThrows(InputException.class, () -> StateData.load(renamed)).getMessage();
    assertTrue(message.startsWith(renamed + wanted), message);
    assertTrue(message.endsWith("use the .pth that state tuning saved"), message);
    Path other = timeStates("other.st", DType.F32, false);
    message = assertThrows(InputException.class, () -> StateData.load(other)).getMessage();
    assertTrue(message.startsWith(other + wanted), message);
    assertTrue(message.contains("this is F32 in a file of that name"), message);
  }

  @Test
  void theTensorsOfAModelTellHowItsStateIsStored() throws IOException {
    StateData tuned = StateData.load(timeStates("tuned.safetensors", DType.F32, false));
    String norm = "blocks.0.att.ln_x.weight";
    for (String name : List.of("model.st", "model.safetensors")) {
      Path original = timeStates(name, DType.F16, false, norm, "blocks.0.att.time_maa_x");
      assertArrayEquals(tuned.wkv(), StateData.load(original).wkv());
      Path finch = timeStates(name, DType.F16, true, norm, "blocks.0.att.time_mix_x");
      assertArrayEquals(tuned.wkv(), StateData.load(finch).wkv());
      Path eagle = timeStates(name, DType.F16, true, norm, "blocks.0.att.time_first");
      assertArrayEquals(tuned.wkv(), StateData.load(eagle).wkv());
    }
  }

  @Test
  void namesOfOtherFormsAreUnderstood() throws IOException {
    Path path = folder.resolve("state.safetensors");
    SafetensorsWriter.write(
        path, Map.of(), List.of(entry("rwkv.blocks.0.attention.time_state", DType.F32, 2, 3, 3)));
    assertEquals(6, StateData.load(path).width());
  }

  @Test
  void tensorsThatContradictEachOtherAreRefused() throws IOException {
    var shift = entry("state.ffn_shift", DType.F32, 1, 8);
    var wkv = entry("state.wkv", DType.F32, 1, 2, 4, 4);
    assertRefused(
        "tensor state.att_shift has shape [2, 8], wanted [1, 8]",
        entry("state.att_shift", DType.F32, 2, 8),
        shift,
        wkv);
    var att = entry("state.att_shift", DType.F32, 1, 8);
    assertRefused(
        "tensor state.wkv has shape [1, 2, 4, 8], wanted [L, H, N, N]",
        att,
        shift,
        entry("state.wkv", DType.F32, 1, 2, 4, 8));
    assertRefused(
        "tensor state.wkv has shape [0, 2, 4, 4], wanted [L, H, N, N]",
        att,
        shift,
        entry("state.wkv", DType.F32, 0, 2, 4, 4));
    assertRefused(
        "tensor state.att_shift has type I64, wanted F32",
        entry("state.att_shift", DType.I64, 1, 8),
        shift,
        wkv);
  }

  @Test
  void tunedStatesThatContradictEachOtherAreRefused() throws IOException {
    var first = entry("blocks.0.att.time_state", DType.F32, 2, 4, 4);
    assertRefused(
        "tensor blocks.1.att.time_state has shape [4, 4, 4], wanted [2, 4, 4] as the first layer's",
        first,
        entry("blocks.1.att.time_state", DType.F32, 4, 4, 4));
    assertRefused(
        "tensor blocks.1.att.time_state has shape [2, 4], wanted [H, N, N]",
        first,
        entry("blocks.1.att.time_state", DType.F32, 2, 4));
    assertRefused(
        "tensor blocks.0.att.time_state has type U8, wanted F32",
        entry("blocks.0.att.time_state", DType.U8, 2, 4, 4));
    assertRefused(
        "has no blocks.1.att.time_state, though other layers have a time_state",
        first,
        entry("blocks.2.att.time_state", DType.F32, 2, 4, 4));
  }

  @Test
  void aDamagedFileIsRefusedOrIsAState() throws IOException {
    Path path = folder.resolve("good.safetensors");
    random().save(path);
    byte[] good = Files.readAllBytes(path);
    int rounds = 3000;
    int refused = Mutations.run(good, good.length, rounds, folder, StateDataTest::tensors);
    System.out.println("StateDataTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 4 && refused < rounds, "refused " + refused);
  }

  private static Map<String, Tensor> tensors(Path path, Arena arena) throws IOException {
    try {
      StateData state = StateData.load(path);
      assertEquals(state.layers() * state.width(), state.attShift().length);
      assertEquals(state.layers() * state.width(), state.ffnShift().length);
      assertEquals(state.layers() * state.width() * state.headSize(), state.wkv().length);
      return Map.of();
    } catch (InputException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() throws IOException {
    StateData state = random();
    state.wkv()[17] = Float.NaN;
    Path path = folder.resolve("state.safetensors");
    state.save(path);
    String message = assertThrows(InputException.class, () -> StateData.load(path)).getMessage();
    assertEquals(
        path
            + ": state.wkv or time_state has a number that is NaN: the state is spoiled, start from"
            + " another",
        message);
  }

  private void assertRefused(String message, SafetensorsWriter.Entry... entries)
      throws IOException {
    Path path = folder.resolve("wrong.safetensors");
    SafetensorsWriter.write(path, Map.of(), new ArrayList<>(List.of(entries)));
    InputException e = assertThrows(InputException.class, () -> StateData.load(path));
    assertEquals(path + ": " + message, e.getMessage());
  }

  private static SafetensorsWriter.Entry entry(String name, DType dtype, long... shape) {
    int bytes = dtype.bytes();
    for (long side : shape) {
      bytes *= (int) side;
    }
    return new SafetensorsWriter.Entry(
        name, dtype, shape, Payload.of(MemorySegment.ofArray(new byte[bytes])));
  }
}
