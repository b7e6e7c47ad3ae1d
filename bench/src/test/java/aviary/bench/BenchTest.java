package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.EngineOptions;
import aviary.model.InitialWeights;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import aviary.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
  @TempDir private Path folder;

  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    RandomModel finch = RandomModels.programs().getLast();
    model = folder.resolve("finch.safetensors");
    InitialWeights weights = new InitialWeights(finch.config(), 1);
    SafetensorsWriter.write(model, weights.metadata(), weights.entries(WeightType.BF16));
  }

  private Plan plan(List<WeightType> types, int repetitions) {
    return new Plan(
        types.stream().<Subject>map(type -> new Subject.File(model, type)).toList(),
        List.of("cpu"),
        List.of(1),
        List.of(8, 0),
        List.of(4),
        List.of(new Plan.Mix(8, 4)),
        List.of(1, 3),
        List.of(0, 16),
        repetitions,
        0,
        false,
        0);
  }

  /** One prompt of 4 tokens, once. */
  private static Plan shortPlan(List<Subject> subjects, List<String> devices) {
    return new Plan(
        subjects,
        devices,
        List.of(1),
        List.of(4),
        List.of(),
        List.of(),
        List.of(1),
        List.of(0),
        1,
        0,
        false,
        0);
  }

  /** Keeps what it hears, and stops after so many numbers. */
  private static final class Ears implements BenchListener {
    final List<Measurement> heard = new ArrayList<>();
    final List<String> begun = new ArrayList<>();
    final List<Integer> steps = new ArrayList<>();
    int last;
    final int enough;

    Ears(int enough) {
      this.enough = enough;
    }

    @Override
    public void next(String what, int done, int all) {
      assertTrue(done < all || what.equals("done"), () -> done + " of " + all);
      steps.add(done);
      last = all;
    }

    @Override
    public void begun(String what) {
      begun.add(what);
    }

    @Override
    public void measured(Measurement measurement) {
      heard.add(measurement);
    }

    @Override
    public void failed(String what, Throwable why) {
      throw new AssertionError(what, why);
    }

    Run run(Plan plan) throws IOException {
      Bench bench =
          new Bench(plan, EngineOptions.DEFAULT, "test", "now", () -> heard.size() >= enough);
      bench.run(this);
      return bench.soFar();
    }
  }

  @Test
  void everythingIsMeasuredWithEverything() throws IOException {
    Ears ears = new Ears(Integer.MAX_VALUE);
    Run run = ears.run(plan(List.of(WeightType.F32, WeightType.Q8_0), 2));
    List<String> tests =
        List.of(
            "load",
            "first token",
            "pp8",
            "tg4",
            "tg4x3",
            "pp8+tg4",
            "pp8@d16",
            "tg4@d16",
            "tg4x3@d16",
            "pp8+tg4@d16",
            "memory");
    List<String> twice = new ArrayList<>(tests);
    twice.addAll(tests);
    assertEquals(twice, run.measurements().stream().map(m -> m.test().name()).toList());
    assertEquals(run.measurements(), ears.heard);
    assertEquals(
        List.of("finch.safetensors f32 on cpu", "finch.safetensors q8_0 on cpu"), ears.begun);
    assertEquals(
        IntStream.rangeClosed(0, ears.last).boxed().toList(), ears.steps, "none is left out");
    assertEquals(false, run.interrupted());
    assertEquals("8", run.environment().options().get("-p"));
    assertEquals("none", run.environment().blas());
    for (Measurement m : run.measurements()) {
      assertTrue(m.mean() > 0, m::toString);
      if (m.unit().equals("t/s")) {
        assertEquals(2, m.samples().size());
        assertTrue(m.limit() > 0, m::toString);
        assertTrue(m.share() < 1.5, m::toString);
        assertTrue(m.details().get("load_average") >= 0, m::toString);
      }
    }
    assertEquals(2, run.limits().size());
    assertEquals(2, run.environment().models().size());
    assertTrue(run.environment().devices().containsKey("cpu"));
  }

  @Test
  void speedsAreMeasuredAgainBesideABusyProcess() throws IOException {
    Plan alone = shortPlan(List.of(new Subject.File(model, null)), List.of("cpu"));
    Plan plan =
        new Plan(
            alone.subjects(),
            alone.devices(),
            alone.threads(),
            alone.prompts(),
            alone.generations(),
            alone.mixes(),
            alone.sequences(),
            alone.depths(),
            2,
            0,
            false,
            1);
    Ears ears = new Ears(Integer.MAX_VALUE);
    Run run = ears.run(plan);
    assertEquals(
        List.of("load", "first token", "pp4", "pp4 beside 1", "memory"),
        run.measurements().stream().map(m -> m.test().name()).toList());
    assertEquals(
        IntStream.rangeClosed(0, ears.last).boxed().toList(), ears.steps, "none is left out");
    Measurement quiet = run.measurements().get(2);
    Measurement beside = run.measurements().get(3);
    assertEquals(quiet.mean(), beside.limit());
    assertEquals("quiet", beside.bound());
    assertEquals(2, beside.samples().size());
    assertEquals("1", run.environment().options().get("--beside"));
  }

  @Test
  void operationsOfAModelAreMeasuredOnceForEachType() throws IOException {
    Plan operations =
        new Plan(
            List.of(
                new Subject.File(model, WeightType.F32),
                new Subject.File(model, WeightType.F32),
                new Subject.File(model, WeightType.Q8_0)),
            List.of("cpu"),
            List.of(1),
            List.of(),
            List.of(),
            List.of(),
            List.of(1),
            List.of(0),
            2,
            0,
            true,
            0);
    List<Measurement> measured =
        new Ears(Integer.MAX_VALUE)
            .run(operations).measurements().stream()
                .filter(m -> m.unit().equals("GB/s") || m.unit().equals("GFLOP/s"))
                .toList();
    List<String> names =
        measured.stream()
            .filter(m -> m.test().name().equals("256 rows"))
            .map(m -> m.setting().model().replaceAll(" of .*", " ") + m.setting().dtype())
            .toList();
    assertEquals(
        List.of(
            "matmul f32",
            "wkv6 f32",
            "ddlerp f32",
            "layer norm f32",
            "group norm f32",
            "channel mix f32",
            "matmul q8_0",
            "channel mix q8_0"),
        names);
    assertEquals(2 * names.size(), measured.size());
    for (Measurement m : measured) {
      assertTrue(m.mean() > 0 && m.limit() > 0, m::toString);
      assertEquals(2, m.samples().size());
    }
  }

  @Test
  void whatFailsIsToldAndTheRestIsMeasured() throws IOException {
    // Numbers that F16 cannot hold.
    Path large = folder.resolve("large.safetensors");
    RandomModel finch = RandomModels.programs().getLast();
    InitialWeights weights = new InitialWeights(finch.config(), 1);
    SafetensorsWriter.write(large, weights.metadata(), weights.entries(WeightType.F32));
    setHead(large, 1e6f);
    Plan plan =
        shortPlan(
            List.of(
                new Subject.File(large, WeightType.F16), new Subject.File(model, WeightType.F32)),
            List.of("cpu"));
    List<String> failed = new ArrayList<>();
    Bench bench = new Bench(plan, EngineOptions.DEFAULT, "test", "now", () -> false);
    bench.run(
        new BenchListener() {
          @Override
          public void next(String what, int done, int all) {}

          @Override
          public void begun(String what) {}

          @Override
          public void measured(Measurement measurement) {}

          @Override
          public void failed(String what, Throwable why) {
            failed.add(what);
          }
        });
    Run run = bench.soFar();
    assertEquals(List.of("large.safetensors"), failed);
    assertEquals(
        List.of("large.safetensors"), run.failures().stream().map(Run.Failed::what).toList());
    assertEquals(
        List.of("load", "first token", "pp4", "memory"),
        run.measurements().stream().map(m -> m.test().name()).toList());
  }

  /** Overwrites the first number of the head. */
  private static void setHead(Path file, float number) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
      long header = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
      JsonNode head =
          JsonMapper.shared()
              .readTree(bytes.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE))
              .get("head.weight");
      long at = 8 + header + head.get("data_offsets").get(0).asLong();
      bytes.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, number);
    }
  }

  @Test
  void aModelOrDeviceThatIsNotThereIsRefusedBeforeAnythingIsMeasured() {
    Plan none =
        shortPlan(
            List.of(new Subject.File(model, null), new Subject.File(folder.resolve("x"), null)),
            List.of("cpu"));
    assertThrows(
        InputException.class,
        () -> new Bench(none, EngineOptions.DEFAULT, "test", "now", () -> false));
    Plan nowhere = shortPlan(List.of(new Subject.File(model, null)), List.of("cpu", "nothing"));
    String message =
        assertThrows(
                InputException.class,
                () -> new Bench(nowhere, EngineOptions.DEFAULT, "test", "now", () -> false))
            .getMessage();
    assertTrue(message.startsWith("device nothing: no such backend here"), message);
  }

  @Test
  void whatWasMeasuredBeforeAStopIsKept() throws IOException {
    Run run = new Ears(3).run(plan(List.of(WeightType.F32), 1));
    assertEquals(
        List.of("load", "first token", "pp8"),
        run.measurements().stream().map(m -> m.test().name()).limit(3).toList());
    assertTrue(run.interrupted());
    assertTrue(
        run.measurements().stream()
            .noneMatch(m -> m.unit().equals("t/s") && m.test().generated() > 0));
  }

  /** Weights of BF16 and F32, and what the engine needs: not the JVM with its heap. */
  @Test
  void memoryIsTheModelsOwn() throws IOException {
    Run run = new Ears(Integer.MAX_VALUE).run(plan(List.of(WeightType.F32), 1));
    Measurement memory =
        run.measurements().stream()
            .filter(m -> m.test().name().equals("memory"))
            .findFirst()
            .orElseThrow();
    long weights = memory.setting().modelBytes();
    double mebibyte = 1 << 20;
    Map<String, Double> details = memory.details();
    assertEquals(weights / mebibyte, details.get("weights_mib"), 1e-9);
    ModelConfig config = RandomModels.programs().getLast().config();
    assertEquals(
        3 * Float.BYTES * config.stateElements() / mebibyte, details.get("states_mib"), 1e-9);
    // Buffers of 16 rows at most, and copies of vectors and low-rank matrices.
    assertTrue(details.get("engine_mib") > 0, details.toString());
    assertTrue(details.get("engine_mib") < 8, details.toString());
    assertEquals(
        details.get("weights_mib") + details.get("engine_mib") + details.get("states_mib"),
        memory.mean(),
        1e-9);
    assertTrue(details.get("process_peak_mib") > memory.mean(), details.toString());
  }
}
