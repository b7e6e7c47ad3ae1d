package aviary.cli;

import aviary.bench.Bench;
import aviary.bench.BenchFile;
import aviary.bench.Measurement;
import aviary.bench.Plan;
import aviary.bench.Report;
import aviary.bench.Run;
import aviary.bench.Subject;
import aviary.bench.Tables;
import aviary.engine.Split;
import aviary.model.WeightType;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.terminal.spi.SystemStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary bench}. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Measures how fast models run, and what part that is of what the device would allow.",
      "Words are llama-bench's: pp512 is a prompt of 512 tokens, tg128 are 128 tokens generated,"
          + " tg128x16 by 16 sequences side by side, @d4096 behind a context of 4096 tokens; in"
          + " tokens a second, all sequences together. Options that take a list measure everything"
          + " with everything. Ctrl-C keeps what was measured."
    },
    footer = {
      "",
      "Examples:",
      "  aviary bench --model model.safetensors --device cpu",
      "  aviary bench --shape finch-0.4b --dtype bf16,q8_0 -p 256 -n 64 --batch-size 1,4,16",
      "  aviary bench --shape finch-0.4b --device tornado:0:0 --output json > gpu.json",
      "  aviary bench --compare cpu.json gpu.json"
    })
final class BenchCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "A model's file or folder; may be given several times.")
  private List<Path> models = List.of();

  @Option(
      names = "--shape",
      split = ",",
      paramLabel = "NAME",
      description = "Random weights of a published model's shape, such as finch-0.4b; a list.")
  private List<String> shapes = List.of();

  @Option(
      names = "--dtype",
      split = ",",
      paramLabel = "TYPE",
      description =
          "The weights' types: f32, f16, bf16, q8_0; a list. Without it files are used as they are,"
              + " and shapes in bf16.")
  private List<WeightType> types = List.of();

  @Option(
      names = "--device",
      paramLabel = "ID",
      description = {
        "What runs it, as 'aviary devices' lists them; may be given several times, or as a list"
            + " (default: cpu).",
        "With --split a list is one set of devices that share the work."
      })
  private List<String> devices = List.of("cpu");

  @Option(
      names = "--split",
      paramLabel = "HOW",
      converter = ModelOptions.SplitOption.class,
      description = "How the devices of a list share the work: batch, layers or layers=10,14.")
  private Split split;

  @Option(
      names = "--threads",
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      description = "Threads of the host's cores; 0 for one a core; a list.")
  private List<Integer> threads;

  @Option(
      names = {"-p", "--n-prompt"},
      split = ",",
      defaultValue = "512",
      paramLabel = "N",
      description = "Tokens of a prompt, a list; 0 for none (default: ${DEFAULT-VALUE}).")
  private List<Integer> prompts;

  @Option(
      names = {"-n", "--n-gen"},
      split = ",",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens to generate, a list; 0 for none (default: ${DEFAULT-VALUE}).")
  private List<Integer> generations;

  @Option(
      names = "--batch-size",
      split = ",",
      defaultValue = "1",
      paramLabel = "N",
      description = "Sequences side by side that tokens are generated for, a list.")
  private List<Integer> sequences;

  @Option(
      names = {"-d", "--n-depth"},
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      description = "Tokens that a sequence has seen before, a list.")
  private List<Integer> depths;

  @Option(
      names = {"-r", "--repetitions"},
      defaultValue = "5",
      paramLabel = "N",
      description = "How often each is measured (default: ${DEFAULT-VALUE}).")
  private int repetitions;

  @Option(
      names = "--warm-up",
      defaultValue = "2",
      paramLabel = "SECONDS",
      description =
          "What runs before a measurement and is not counted, so that the compilers are done; once"
              + " at least (default: ${DEFAULT-VALUE}).")
  private double warmUp;

  /** What is printed. */
  enum Output {
    table,
    markdown,
    csv,
    json
  }

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      paramLabel = "FORM",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Output output;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Write a page with tables and charts there, the charts as PNG, and the JSON.")
  private Path report;

  @Option(
      names = "--compare",
      arity = "2..*",
      paramLabel = "FILE",
      description = "Measure nothing; show files of '--output json' side by side, as Markdown.")
  private List<Path> compared = List.of();

  @Override
  public Integer call() throws IOException {
    if (!compared.isEmpty()) {
      compare();
      return 0;
    }
    Plan plan =
        new Plan(
            subjects(),
            lists(),
            threads,
            prompts,
            generations,
            sequences,
            depths,
            repetitions,
            warmUp);
    if (report != null) {
      Report.require(report);
    }
    try (Interrupt interrupt = new Interrupt("INT", "TERM")) {
      Printer printer = new Printer(main.out(), main.err(), output);
      Bench bench = new Bench(plan, split, printer, interrupt::asked);
      printer.begin();
      Run run = bench.run(version(), Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      printer.end(run);
      if (report != null) {
        Report.write(report, run);
        main.err().println("aviary: the report is in " + report.resolve("index.html"));
      }
      return interrupt.asked() ? Interrupt.EXIT_CODE : 0;
    }
  }

  private void compare() throws IOException {
    List<Run> runs = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Path path : compared) {
      runs.add(BenchFile.read(path));
      names.add(path.getFileName().toString());
    }
    Tables.comparison(names, runs).forEach(main.out()::println);
  }

  private List<Subject> subjects() {
    List<Subject> subjects = new ArrayList<>();
    for (Path model : models) {
      if (types.isEmpty()) {
        subjects.add(new Subject.File(model, null));
      }
      types.forEach(type -> subjects.add(new Subject.File(model, type)));
    }
    for (String shape : shapes) {
      List<WeightType> its = types.isEmpty() ? List.of(WeightType.BF16) : types;
      its.forEach(type -> subjects.add(new Subject.Shape(shape, type)));
    }
    return subjects;
  }

  /** Without {@code --split} each device of a list is measured by itself. */
  private List<String> lists() {
    if (split != null) {
      return devices;
    }
    return devices.stream().flatMap(list -> Arrays.stream(list.split(","))).toList();
  }

  private static String version() throws IOException {
    return new Version().getVersion()[0];
  }

  /** Prints results as they come, and to a terminal what is being measured. */
  private record Printer(PrintStream out, PrintStream err, Output form, boolean live)
      implements Bench.Listener {

    Printer(PrintStream out, PrintStream err, Output form) {
      this(out, err, form, Tty.is(SystemStream.Error));
    }

    void begin() {
      switch (form) {
        case table -> Tables.head().forEach(out::println);
        case markdown -> Tables.markdownHead().forEach(out::println);
        case csv -> out.println(Tables.csvHead());
        case json -> {}
      }
      out.flush();
    }

    @Override
    public void next(String what, int done, int all) {
      if (live) {
        err.printf("\r\u001b[K%d of %d: %s", done, all, what);
        err.flush();
      }
    }

    @Override
    public void measured(Measurement measurement) {
      if (live) {
        err.print("\r\u001b[K");
        err.flush();
      }
      switch (form) {
        case table -> out.println(Tables.row(measurement));
        case markdown -> out.println(Tables.markdownRow(measurement));
        case csv -> out.println(Tables.csvRow(measurement));
        case json -> {}
      }
      out.flush();
    }

    void end(Run run) {
      if (live) {
        err.print("\r\u001b[K");
        err.flush();
      }
      if (form == Output.json) {
        out.print(BenchFile.write(run));
        out.flush();
      }
    }
  }
}
