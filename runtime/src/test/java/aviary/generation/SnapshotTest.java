package aviary.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Engine;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsWriter;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {
  @TempDir Path folder;

  private static final int[] PROMPT = {3, 1, 4, 1, 5};

  private static Model model() {
    return RandomModels.programs().getLast().model();
  }

  private static int[] greedy(Generator generator, int[] prompt, int count) {
    return generator
        .generate(
            prompt,
            new GenerationOptions(count, List.of()),
            new Sampler(SamplerOptions.GREEDY),
            text -> {},
            () -> false)
        .tokens();
  }

  private static Generator generator(Engine engine) {
    return new Generator(engine, new ByteTokenizer());
  }

  /** A file of a state of one layer, one head of two, and a tensor called logits. */
  private Path withLogits(DType type, long[] shape, float... numbers) throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>(StateData.zero(1, 2, 1, 2).entries());
    Payload payload = Payload.of(MemorySegment.ofArray(numbers));
    entries.add(new SafetensorsWriter.Entry("logits", type, shape, payload));
    Path path = folder.resolve("state.safetensors");
    SafetensorsWriter.write(path, Map.of(), entries);
    return path;
  }

  @Test
  void aSavedSequenceGoesOnAsIfNothingHadBeenBetween() throws IOException {
    Model model = model();
    Path path = folder.resolve("state.safetensors");
    int[] whole;
    int[] first;
    try (Engine engine = ReferenceBackend.engine(model);
        Generator straight = generator(engine);
        Generator cut = generator(engine)) {
      whole = greedy(straight, PROMPT, 12);
      first = greedy(cut, PROMPT, 5);
      cut.snapshot().save(path);
    }
    try (Engine engine = ReferenceBackend.engine(model);
        Generator generator = generator(engine)) {
      generator.restore(Snapshot.load(path));
      assertFalse(generator.isFresh());
      int[] second = greedy(generator, new int[0], 7);
      assertArrayEquals(
          whole, IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray());
    }
  }

  @Test
  void whatIsSavedReadsBackToTheLastBitAndIsAPlainStateToo() throws IOException {
    Path path = folder.resolve("state.safetensors");
    float[] next = {1, -0f, 3.25f};
    StateData state = StateData.zero(1, 4, 2, 2);
    Random random = new Random(7);
    for (int i = 0; i < 4; i++) {
      state.attShift()[i] = random.nextFloat();
    }
    new Snapshot(state, next).save(path);
    assertArrayEquals(next, Snapshot.load(path).next());
    assertArrayEquals(state.attShift(), Snapshot.load(path).state().attShift());
    assertArrayEquals(state.attShift(), StateData.load(path).attShift());
  }

  @Test
  void aBareStateHasNoLogits() throws IOException {
    Path path = folder.resolve("state.safetensors");
    StateData.zero(1, 4, 2, 2).save(path);
    assertNull(Snapshot.load(path).next());
    new Snapshot(StateData.zero(1, 4, 2, 2), null).save(path);
    assertNull(Snapshot.load(path).next());
  }

  @Test
  void ofTheLogitsOfManyTokensTheLastRowComesNext() throws IOException {
    Path path = withLogits(DType.F32, new long[] {2, 3}, 1, 2, 3, 4, 5, 6);
    assertArrayEquals(new float[] {4, 5, 6}, Snapshot.load(path).next());
  }

  @Test
  void aSequenceThatHasSeenNothingIsRestoredAsSuch() {
    try (Engine engine = ReferenceBackend.engine(model());
        Generator saved = generator(engine);
        Generator generator = generator(engine)) {
      greedy(generator, PROMPT, 1);
      generator.restore(saved.snapshot());
      assertTrue(generator.isFresh());
      greedy(saved, PROMPT, 1);
      generator.restore(new Snapshot(saved.snapshot().state(), null));
      assertFalse(generator.isFresh());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void logitsThatAreNotFiniteAreRefused(float bad) throws IOException {
    Path path = withLogits(DType.F32, new long[] {1, 3}, 1, bad, 2);
    InputException e = assertThrows(InputException.class, () -> Snapshot.load(path));
    assertEquals(
        path
            + ": logits has a number that is "
            + bad
            + ": the state is spoiled, start from another",
        e.getMessage());
  }

  @Test
  void logitsOfAnotherFormAreRefused() throws IOException {
    Path flat = withLogits(DType.F32, new long[] {3}, 1, 2, 3);
    InputException e = assertThrows(InputException.class, () -> Snapshot.load(flat));
    assertEquals(flat + ": tensor logits F32[3], wanted shape [T, V]", e.getMessage());
    Path empty = withLogits(DType.F32, new long[] {0, 3});
    assertThrows(InputException.class, () -> Snapshot.load(empty));
    Path integers = withLogits(DType.I32, new long[] {1, 3}, 1, 2, 3);
    e = assertThrows(InputException.class, () -> Snapshot.load(integers));
    assertEquals(integers + ": tensor logits I32[1, 3], wanted F32", e.getMessage());
  }
}
