package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.SharedData;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.Model;
import aviary.model.ModelConversion;
import aviary.model.ModelFiles;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConvertTest {
  private static final RandomModel RANDOM = RandomModels.programs().getLast();

  @TempDir Path folder;
  private Path in;
  private Path out;

  /** The names as a training program leaves them. */
  @BeforeEach
  void writeModel() throws IOException {
    in = folder.resolve("in.safetensors");
    out = folder.resolve("out.safetensors");
    write(in, RANDOM.model().tensors());
  }

  private static void write(Path path, Map<String, Tensor> tensors) throws IOException {
    SafetensorsWriter.write(
        path,
        Map.of("head_size_divisor", "3.5", "made_by", "test"),
        tensors.values().stream().map(t -> Entry.of(t.renamed("module." + t.name()))).toList());
  }

  private Run convert(Object... args) {
    String[] words =
        Stream.concat(Stream.of("convert"), Stream.of(args).map(Object::toString))
            .toArray(String[]::new);
    return Run.of(words);
  }

  @ParameterizedTest
  @EnumSource
  void theFileHoldsWhatALoadWouldMake(WeightType type) throws IOException {
    Run run = convert(in, out, "--dtype", type.name().toLowerCase(Locale.ROOT)).ok();
    assertEquals("", run.out() + run.err());
    assertHolds(ModelConversion.convert(RANDOM.model(), type, Arena.ofAuto()), out);
  }

  @Test
  void withoutATypeNothingButNamesChanges() throws IOException {
    RandomModel mixed = RANDOM.as(WeightType.Q8_0, DType.BF16);
    write(in, mixed.model().tensors());
    convert(in, out).ok();
    assertHolds(mixed.model(), out);
    byte[] first = Files.readAllBytes(out);
    convert(out, out).ok();
    assertArrayEquals(first, Files.readAllBytes(out));
  }

  private static void assertHolds(Model wanted, Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Model found = ModelFiles.open(path, arena);
      assertEquals(Map.of("head_size_divisor", "3.5", "made_by", "test"), found.metadata());
      assertEquals(List.copyOf(wanted.tensors().keySet()), List.copyOf(found.tensors().keySet()));
      wanted
          .tensors()
          .forEach((name, tensor) -> {
            assertEquals(tensor.toString(), found.tensor(name).toString());
            assertEquals(-1, tensor.data().mismatch(found.tensor(name).data()), name);
          });
    }
  }

  @Test
  void aModelIsConvertedInItsPlace() throws IOException {
    convert(in, out, "--dtype", "q8_0").ok();
    convert(in, in, "--dtype", "q8_0").ok();
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(in));
  }

  @Test
  void aWeightThatTheTypeCannotHoldLeavesEverythingAsItWas() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(RANDOM.model().tensors());
    Tensor head = tensors.get("head.weight");
    MemorySegment data = Arena.ofAuto().allocate(head.data().byteSize());
    data.copyFrom(head.data());
    data.setAtIndex(ValueLayout.JAVA_FLOAT, 5 * head.shape()[1] + 7, 70000);
    tensors.put("head.weight", new Tensor("head.weight", DType.F32, head.shape(), data));
    write(in, tensors);
    byte[] before = Files.readAllBytes(in);
    convert(in, in, "--dtype", "f16")
        .assertRefused(
            "\\Q%s: tensor head.weight: the weight at [5, 7] is 70000.0, which f16 cannot hold: use bf16\\E"
                .formatted(in));
    assertArrayEquals(before, Files.readAllBytes(in));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(in), files.toList());
    }
  }

  @Test
  void textThatIsNotUnicodeIsKeptAsFarAsItIs() throws IOException {
    byte[] bytes = Files.readAllBytes(in);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    // As many bytes, and half of a surrogate pair.
    String key = "\"made_by\":\"test\"";
    String damaged = text.replace(key, "\"m\":\"\\ud800y\"" + " ".repeat(3));
    assertEquals(text.length(), damaged.length());
    Files.write(in, damaged.getBytes(StandardCharsets.ISO_8859_1));
    convert(in, out).ok();
    try (Arena arena = Arena.ofConfined()) {
      assertEquals("?y", ModelFiles.open(out, arena).metadata().get("m"));
    }
  }

  @Test
  void badArgumentsAreOneLine() {
    convert(in).assertRefused("Missing required parameter: 'OUT' \\(try: aviary convert --help\\)");
    convert(in, out, "--dtype", "int4")
        .assertRefused(
            "Invalid value for option '--dtype': expected one of f32, .* but was 'int4'.*");
    convert(folder.resolve("none"), out).assertRefused(".*none: there is no such file or folder");
    convert(in, folder).assertRefused(".*: is a folder; name a file to write.*");
    convert(in, folder.resolve("no/out"))
        .assertRefused(".*: cannot be written: there is no folder .*");
    assertTrue(Files.notExists(out));
  }

  @Test
  void aFullDiskIsAFailure() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full here");
    convert(in, full, "--dtype", "bf16")
        .assertFails(Failure.FAILED, "/dev/full: cannot be written: No space left on device");
  }

  @Test
  void helpShowsAnExample() {
    String help = convert("--help").ok().out();
    assertTrue(help.contains("Example:") && help.contains("aviary convert "), help);
  }

  /** The file of torch.save holds the same weights, rounded to BF16, but not the divisor. */
  @Test
  void aFileOfTorchIsConverted() throws IOException {
    Path torch = SharedData.file("models/tiny-eagle-5v2.bf16.pth");
    Path original = SharedData.file("models/tiny-eagle-5v2.safetensors");
    convert(torch, in).ok();
    convert(original, out, "--dtype", "bf16").ok();
    try (Arena arena = Arena.ofConfined()) {
      Model ofTorch = ModelFiles.open(in, arena);
      Model rounded = ModelFiles.open(out, arena);
      assertEquals(rounded.tensors().keySet(), ofTorch.tensors().keySet());
      rounded
          .tensors()
          .forEach((name, tensor) -> {
            if (tensor.dtype() == DType.BF16) {
              assertEquals(-1, tensor.data().mismatch(ofTorch.tensor(name).data()), name);
            }
          });
    }
  }
}
