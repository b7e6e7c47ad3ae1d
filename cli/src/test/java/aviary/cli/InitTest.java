package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelFiles;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitTest {
  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void nameFile() {
    out = folder.resolve("out.safetensors");
  }

  /** A small Finch, where the options do not say otherwise. */
  private static Run init(Path out, String... options) {
    List<String> words = new ArrayList<>(List.of("init", out.toString()));
    words.addAll(List.of(options));
    for (String other :
        new String[] {"--arch=finch", "--layers=2", "--width=128", "--vocab-size=50"}) {
      if (Arrays.stream(options).noneMatch(o -> o.startsWith(other.replaceAll("=.*", "")))) {
        words.add(other);
      }
    }
    return Run.of(words.toArray(String[]::new));
  }

  @Test
  void aModelCanBeRun() throws IOException {
    for (String architecture : new String[] {"eagle", "finch"}) {
      for (String type : new String[] {"f32", "f16", "bf16", "q8_0"}) {
        init(out, "--arch=" + architecture, "--dtype=" + type).ok();
        try (Arena arena = Arena.ofConfined()) {
          Model model = ModelFiles.open(out, arena);
          DType dtype = type.equals("q8_0") ? DType.I8 : DType.valueOf(type.toUpperCase());
          assertEquals(dtype, model.tensor("head.weight").dtype());
          assertRuns(model);
        }
      }
    }
  }

  private static void assertRuns(Model model) {
    try (Engine engine = ReferenceBackend.engine(model)) {
      var batch = Batch.of(Batch.Sequence.last(engine.newState(), 49, 0, 7));
      for (float logit : engine.forward(batch).row(0)) {
        assertTrue(Float.isFinite(logit));
      }
    }
  }

  @Test
  void sizesAreThoseOfTheOptions() throws IOException {
    init(out, "--head-size=32", "--feed-forward=100", "--mix-rank=3", "--decay-rank=5").ok();
    try (Arena arena = Arena.ofConfined()) {
      ModelConfig config = ModelFiles.open(out, arena).config();
      assertEquals(4, config.heads());
      assertEquals(100, config.feedForward());
      assertEquals(3, config.mixRank());
      assertEquals(5, config.decayRank());
      assertEquals(8f, config.headSizeDivisor());
    }
  }

  @Test
  void optionsGoBeforeThePublishedShape() throws IOException {
    Run.of(
            "init",
            "--shape",
            "eagle-0.4b",
            "--layers",
            "1",
            "--width",
            "64",
            "--vocab-size",
            "9",
            out.toString())
        .ok();
    try (Arena arena = Arena.ofConfined()) {
      ModelConfig config = ModelFiles.open(out, arena).config();
      assertEquals(ModelConfig.Architecture.EAGLE, config.architecture());
      assertEquals(1, config.layers());
      assertEquals(224, config.feedForward());
    }
  }

  @Test
  void theSeedDecides() throws IOException {
    Path other = folder.resolve("other.safetensors");
    init(out, "--seed=5").ok();
    init(other, "--seed=5").ok();
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(other));
    init(other, "--seed=6").ok();
    assertFalse(Arrays.equals(Files.readAllBytes(out), Files.readAllBytes(other)));
  }

  @Test
  void badOptionsAreOneLine() {
    Run.of("init", out.toString())
        .assertRefused("nothing says how large the model is: give --arch, or --shape .*");
    init(out, "--width=100")
        .assertRefused("the width, 100, is no multiple of the head size, 64: .*");
    init(out, "--layers=0").assertRefused("--layers is 0: give 1 or more");
    init(out, "--vocab-size=many").assertRefused("Invalid value for option '--vocab-size'.*");
    init(out, "--vocab-size=99999999999")
        .assertRefused("Invalid value for option '--vocab-size'.*");
    init(out, "--arch=mamba").assertRefused("Invalid value for option '--arch': .*");
    init(out, "--arch=eagle", "--mix-rank=4").assertRefused("only Finch has ranks: .*");
    init(out, "--layers=2000000000").assertRefused("a model of these sizes cannot be run: .*");
    init(out, "--shape=finch").assertRefused("no published model has the shape 'finch': .*");
    init(folder).assertRefused(".*: is a folder; name a file to write.*");
    assertTrue(Files.notExists(out));
  }

  @Test
  void aFullDiskIsAFailure() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full here");
    init(full).assertFails(Failure.FAILED, "/dev/full: cannot be written: No space left on device");
  }

  @Test
  void helpNamesThePublishedShapesAndShowsAnExample() {
    String help = Run.of("init", "--help").ok().out();
    assertTrue(help.contains("finch-14b") && help.contains("aviary init "), help);
  }

  /** Like every command that writes a file of a name that it was given. */
  @Test
  void whatIsReplacedIsNamed() {
    String file = folder.resolve("twice.safetensors").toString();
    String[] init = {"init", "--arch=finch", "--layers=1", "--width=64", "--vocab-size=256", file};
    String said = "aviary: " + file + " was there already, and has been replaced\n";
    assertEquals("", Run.of(init).ok().err());
    assertEquals(said, Run.of(init).ok().err());
    assertEquals(said, Run.of("convert", file, file, "--dtype=f32").ok().err());
    String[] logits = {
      "logits", "--model=" + file, "--tokens=1,2", "--output=" + folder.resolve("logits")
    };
    assertEquals("", Run.of(logits).ok().err());
    assertEquals(
        said.replace(file, folder.resolve("logits").toString()), Run.of(logits).ok().err());
    String[] examples = {
      "mqar", "generate", "--examples=2", "--output=" + folder.resolve("e.jsonl")
    };
    assertTrue(!Run.of(examples).ok().err().contains("replaced"));
    assertTrue(Run.of(examples).ok().err().contains("e.jsonl was there already, and has been"));
  }
}
