package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SplitOptionTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SmallModel.byteLevel(folder);
  }

  private Run run(String command, String... args) {
    List<String> all = new ArrayList<>(List.of(command, "--model", model.toString()));
    all.addAll(Arrays.asList(args));
    return Run.of(all.toArray(String[]::new));
  }

  private Run generate(String devices, String... args) {
    List<String> all = new ArrayList<>(List.of("--device", devices, "--temperature=0", "Once"));
    all.addAll(Arrays.asList(args));
    return run("generate", all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "layers", "layers=1,1"})
  void everySplitGivesTheTextOfOneDevice(String split) {
    Run one = generate("reference", "--max-tokens=20").ok();
    assertEquals(
        one.out(), generate("cpu,reference", "--split", split, "--max-tokens=20").ok().out());
  }

  @Test
  void theDevicesAreNamedInTheResult() {
    Run run = generate("cpu,reference", "--split=layers", "--max-tokens=1", "--json").ok();
    assertEquals("cpu,reference", JsonMapper.shared().readTree(run.out()).get("device").asString());
  }

  @Test
  void aStateMovesBetweenSplitAndWholeModels() {
    String state = folder.resolve("state.safetensors").toString();
    Run whole = generate("reference", "--max-tokens=30").ok();
    String first =
        generate("cpu,reference", "--split=layers", "--max-tokens=10", "--state-out", state)
            .ok()
            .out();
    String second =
        run(
                "generate",
                "--device=cpu",
                "--temperature=0",
                "--max-tokens=10",
                "--state-in",
                state,
                "--state-out",
                state)
            .ok()
            .out();
    String third =
        run(
                "generate",
                "--device=cpu,cpu",
                "--split=layers=1,1",
                "--temperature=0",
                "--max-tokens=10",
                "--state-in",
                state)
            .ok()
            .out();
    assertEquals(whole.out(), first + second + third);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu,cpu | --split=rows       | --split rows: it has to be batch, layers, or layers=N,N,.*",
        "cpu,cpu | --split=layers=2   | --split layers=2: a number for each device .*",
        "cpu,cpu | --split=layers=2,0 | --split layers=2,0: every device needs at least 1 layer",
        "cpu,cpu | --split=layers=1,2 | --split layers=1,2: these are 3 layers, and .* has 2",
        "cpu     | --split=layers     | --split layers: there is one device, cpu, .*"
      })
  void whatCannotBeSplitIsRefused(String devices, String split, String message) {
    generate(devices, split).assertRefused(message);
    run("chat", "--device", devices, split).assertRefused(message);
    run("logits", "--device", devices, split, "--tokens=1", "--output=" + folder.resolve("out"))
        .assertRefused(message);
  }

  /** The other devices of a split batch have no part in a single prompt. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "failing           |",
        "failing,reference | --split=batch",
        "failing,reference | --split=layers",
        "reference,failing | --split=layers",
        "reference,failing | --split=layers=1,1"
      })
  void aDeviceThatFailsInTheMiddleIsNamed(String devices, String split) {
    Path output = folder.resolve("out");
    List<String> args =
        new ArrayList<>(
            List.of("--device", devices, "--tokens=1,2,3", "--greedy=5", "--output=" + output));
    if (split != null) {
      args.add(split);
    }
    run("logits", args.toArray(String[]::new))
        .assertFails(Failure.FAILED, "device failing: it went away");
    assertFalse(Files.exists(output));
  }
}
