package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.bench.BenchFile;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a process of its own shows: signals, a full disk, and what a start loads. */
@Timeout(120)
class ProgramTest {
  private static final File FULL = new File("/dev/full");

  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  /** Starts the program; its streams are files. */
  private ProcessBuilder program(List<String> jvm, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "aviary.cli.Main"));
    command.addAll(Arrays.asList(args));
    return new ProcessBuilder(command)
        .redirectInput(Files.write(file("in"), new byte[0]).toFile())
        .redirectOutput(file("out").toFile())
        .redirectError(file("err").toFile());
  }

  private String[] generate(String... more) throws IOException {
    Path model = SmallModel.byteLevel(Files.createDirectories(file("models")));
    List<String> args =
        new ArrayList<>(List.of("generate", "--model=" + model, "--device=reference"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private String err() throws IOException {
    return Files.readString(file("err"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate", "generate --json", "--help", "inspect"})
  void aFullDiskUnderStdoutIsOneLineAndCode1(String command) throws Exception {
    assumeTrue(FULL.exists(), "no " + FULL);
    String[] args =
        switch (command) {
          case "generate" -> generate("--max-tokens=1000000", "a");
          case "generate --json" -> generate("--json", "a");
          case "inspect" -> new String[] {"inspect", generate()[1].replace("--model=", "")};
          default -> new String[] {command};
        };
    Process process = program(List.of(), args).redirectOutput(FULL).start();
    assertEquals(1, process.waitFor());
    assertEquals(1, err().lines().filter(line -> !line.isBlank()).count(), err());
    assertTrue(
        err().matches("\\R?aviary: standard output cannot be written: No space left on device\\R"),
        err());
  }

  /** As after {@code | head}, and whatever the language of the system's messages is. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate",
        "generate --json",
        "inspect",
        "tokenize",
        "tokenize --jsonl",
        "chat",
        "devices",
        "eval --tasks list",
        "--help",
        "--version"
      })
  void aReaderWhoIsGoneEndsItQuietly(String command) throws Exception {
    Path model = SmallModel.byteLevel(Files.createDirectories(file("models")));
    String[] args =
        switch (command) {
          case "generate" -> generate("--max-tokens=1000000", "a");
          case "generate --json" -> generate("--json", "--max-tokens=4", "a");
          case "inspect" -> new String[] {"inspect", model.toString()};
          case "tokenize" -> new String[] {"tokenize", "--model=" + model};
          case "tokenize --jsonl" -> new String[] {"tokenize", "--jsonl", "--model=" + model};
          case "chat" ->
              new String[] {"chat", "--device=reference", "--max-tokens=4", "--model=" + model};
          default -> command.split(" ");
        };
    String line = command.endsWith("--jsonl") ? "{\"text\": \"some text\"}\n" : "some text\n";
    Path in = Files.writeString(file("lines"), line.repeat(20_000));
    Process process =
        program(List.of(), args)
            .redirectInput(in.toFile())
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .start();
    process.getInputStream().close();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it goes on without a reader");
    assertEquals(141, process.exitValue(), err());
    // The conversation's first line comes before all results.
    assertEquals(List.of(), err().lines().skip(command.equals("chat") ? 1 : 0).toList());
  }

  @Test
  void resultsGoToTheDescriptorThatTheLauncherNames() throws Exception {
    List<String> jvm =
        List.of("-Daviary.stdout=7", "--add-opens=java.base/java.io=ALL-UNNAMED", "-Xlog:gc");
    ProcessBuilder program = program(jvm, "--version");
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", "echo before; exec \"$@\" 7>&1 1>&2", "bash"));
    command.addAll(program.command());
    assertEquals(0, program.command(command).start().waitFor(), err());
    List<String> out = Files.readAllLines(file("out"));
    assertEquals(List.of("before", "aviary"), out.stream().map(l -> l.split(" ")[0]).toList());
    assertTrue(err().contains("[gc"), "the JVM's own words are on stderr: " + err());
  }

  @Test
  void aFullDiskUnderAnOutputFileIsOneLineAndCode1() throws Exception {
    assumeTrue(FULL.exists(), "no " + FULL);
    String[] args = generate("--prompt=a", "--output=" + FULL);
    args[0] = "logits";
    Run.of(args).assertFails(1, "/dev/full: cannot be written: No space left on device");
    Run run = Run.of(generate("--max-tokens=1", "--state-out=" + FULL, "a"));
    assertEquals(1, run.code());
    assertTrue(
        run.err().endsWith("aviary: /dev/full: cannot be written: No space left on device\n"));
  }

  @Test
  void ctrlCStopsTheTextAndTellsTheFigures() throws Exception {
    InterruptTest.assumeSignalsArrive();
    Path state = file("state");
    String[] args = generate("--max-tokens=100000000", "--state-out=" + state, "a");
    Process process = program(List.of(), args).start();
    awaitOutput(process);
    InterruptTest.interrupt(process.pid());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it has not stopped");
    assertEquals(130, process.exitValue(), err());
    Pattern figures =
        Pattern.compile(
            "\\R?prefill: 1 tokens, .*; decode: \\d+ tokens, .*; interrupted; seed .*\\R");
    assertTrue(figures.matcher(err()).matches(), err());
    assertTrue(Files.size(file("out")) > 0);
    assertTrue(Files.exists(state), "an interrupted text can be gone on with");
  }

  /** As the launcher starts it: whatever asks the cpu backend first has to add the module. */
  @Test
  void aLibraryIsChosenWhereTheVectorApiIsAddedOnDemand() throws Exception {
    Path model = SmallModel.byteLevel(Files.createDirectories(file("models")));
    List<String> jvm = List.of("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED");
    Process process =
        program(
                jvm,
                "generate",
                "--model=" + model,
                "--device=cpu",
                "--blas=none",
                "--max-tokens=4",
                "once")
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it has not ended");
    assertEquals(0, process.exitValue(), err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aBenchThatIsInterruptedKeepsWhatItMeasured(String signal) throws Exception {
    InterruptTest.assumeSignalsArrive();
    Path model = SmallModel.byteLevel(Files.createDirectories(file("models")));
    Path report = file("report");
    Process process =
        program(
                List.of("--add-modules", "jdk.incubator.vector"),
                "bench",
                "--model=" + model,
                "--output=json",
                "--report=" + report,
                "-p=4",
                "-n=1000000",
                "--warm-up=0")
            .start();
    // What a kill would leave is there before the end.
    while (process.isAlive() && !Files.exists(report.resolve("bench.json"))) {
      Thread.sleep(20);
    }
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it has not stopped");
    assertEquals(130, process.exitValue(), err());
    for (Path json : List.of(file("out"), report.resolve("bench.json"))) {
      aviary.bench.Run run = BenchFile.read(json);
      assertEquals("load", run.measurements().getFirst().test().name());
      assertTrue(run.measurements().stream().allMatch(m -> m.test().generated() == 0));
      assertTrue(run.interrupted());
    }
    assertTrue(err().contains("aviary: interrupted; "), err());
    assertTrue(Files.exists(report.resolve("index.html")));
  }

  /** Also one that is killed, which leaves what its last checkpoint has. */
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "KILL"})
  void aTrainingThatIsStoppedIsAModel(String signal) throws Exception {
    InterruptTest.assumeSignalsArrive();
    Path text = Files.writeString(file("text"), "so it goes, and goes on. ".repeat(60));
    Path output = file("out folder");
    Process process =
        program(
                List.of("--add-modules", "jdk.incubator.vector"),
                "train",
                "--data=" + text,
                "--output=" + output,
                "--steps=1000000",
                "--save-steps=20",
                "--length=24",
                "--batch-size=4",
                "--layers=1",
                "--width=16",
                "--head-size=8")
            .start();
    Path model = output.resolve("model.safetensors");
    while (process.isAlive() && !Files.exists(model)) {
      Thread.sleep(20);
    }
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it has not stopped");
    if (!signal.equals("KILL")) {
      assertEquals(130, process.exitValue(), err());
      assertTrue(
          err().contains("of 1000000; --resume goes on\naviary: the model is in " + model + "\n"),
          err());
    }
    String generated = Run.of("generate", "--model=" + output, "--temperature=0", "so").ok().out();
    // The checkpoint alone is the same model.
    if (!signal.equals("KILL")) {
      Files.delete(model);
      assertEquals(
          generated, Run.of("generate", "--model=" + output, "--temperature=0", "so").ok().out());
    }
    Run.of("inspect", output.toString()).ok();
  }

  private void awaitOutput(Process process) throws Exception {
    while (Files.size(file("out")) == 0 && process.isAlive()) {
      Thread.sleep(20);
    }
  }

  @Test
  void aStartThatRunsNothingLoadsNothingForIt() throws Exception {
    List<String> version = loadedBy("--version");
    assertTrue(version.contains("aviary.cli.Main"), version.toString());
    assertEquals(
        List.of(), version.stream().filter(name -> !name.startsWith("aviary.cli.")).toList());
    List<String> help = loadedBy("--help");
    assertTrue(help.contains("aviary.cli.ModelOptions"), help.toString());
    assertEquals(List.of(), help.stream().filter(name -> name.startsWith("org.jline")).toList());
  }

  /** The classes of ours and of our libraries, save those that read every command line. */
  private List<String> loadedBy(String option) throws Exception {
    Path log = file("classes");
    List<String> jvm = List.of("-Xlog:class+load=info:file=" + log + "::filecount=0");
    assertEquals(0, program(jvm, option).start().waitFor(), err());
    Pattern ours =
        Pattern.compile(".*\\] ((aviary|org\\.jline|tools\\.jackson)\\.\\S+) source: .*");
    return Files.readString(log)
        .lines()
        .map(ours::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .toList();
  }

  @Test
  void chatAtAPipeGivesNoWarnings() throws Exception {
    String[] args = generate("--max-tokens=3");
    args[0] = "chat";
    Path in = Files.writeString(file("messages"), "Hello\n/exit\n");
    assertEquals(0, program(List.of(), args).redirectInput(in.toFile()).start().waitFor());
    assertEquals(
        List.of("(the answer reached --max-tokens)"), err().lines().skip(1).toList(), err());
  }
}
