package aviary.cli;

import aviary.InputException;
import aviary.bench.Bench;
import aviary.bench.BenchFile;
import aviary.bench.Comparison;
import aviary.bench.Plan;
import aviary.bench.Report;
import aviary.bench.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code aviary bench}. */
@Command(
    name = "bench",
    sortOptions = false,
    modelTransformer = LlamaBenchOptions.class,
    description = {
      "Measures how fast models run, and what part that is of what the device would allow.",
      "Words are llama-bench's: pp512 is a prompt of 512 tokens, tg128 are 128 tokens generated,"
          + " tg128x16 by 16 sequences side by side, @d4096 after a context of 4096 tokens; in"
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
  /** Times that a run is asked whether it has ended, after it was asked to: two seconds. */
  private static final int MOST_PATIENCE = 20;

  private static final long PAUSE_MILLIS = 100;

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Mixin private BenchSubjects subjects;

  @Mixin private BenchDevices devices;

  @Mixin private BenchLengths lengths;

  @Mixin private BenchRepetitions repetitions;

  @Option(
      names = "--operations",
      negatable = true,
      description =
          "Measure the operations that models are made of, too, one by one on 1 row and on 256"
              + " (default with --report).")
  private Boolean operations;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      paramLabel = "FORM",
      converter = FormOption.class,
      description =
          "How results are printed: table, md, csv, json (one document at the end, which --compare"
              + " reads), jsonl (a line as soon as a result is there) (default: ${DEFAULT-VALUE}).")
  private BenchOutput.Form form;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Write a page with tables and charts there, the charts as PNG, and the JSON. A folder that"
              + " has a report needs --overwrite.")
  private Path report;

  @Option(
      names = "--overwrite",
      description = "Replace an earlier report in the folder of --report.")
  private boolean overwrite;

  @Option(
      names = "--compare",
      arity = "2..*",
      paramLabel = "FILE",
      description = "Measure nothing; show files of '--output json' side by side, as Markdown.")
  private List<Path> compared = List.of();

  @Override
  public Integer call() throws Exception {
    if (!compared.isEmpty()) {
      requireNothingBeside();
      compare();
      return 0;
    }
    if (report != null) {
      Report.require(report, overwrite);
    } else if (overwrite) {
      throw new InputException("--overwrite: --report is missing: name the folder of the report");
    }
    Plan plan = plan();
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try (Interrupt interrupt = new Interrupt("INT", "TERM")) {
      Bench bench =
          new Bench(
              plan, devices.engineOptions(), new Version().getVersion()[0], now, interrupt::asked);
      announce(plan);
      BenchOutput output = new BenchOutput(main.out(), main.err(), form, bench, this::keep);
      Run run;
      try {
        run(bench, output, interrupt);
      } finally {
        run = output.end();
      }
      if (report != null) {
        Report.write(report, run);
        main.err().println("aviary: the report is in " + report.resolve("index.html"));
      }
      if (run.interrupted()) {
        main.err().println("aviary: interrupted; what was measured until then is there");
      }
      return run.interrupted() ? Interrupt.EXIT_CODE : output.exitCode();
    }
  }

  /** What a user should know before something is measured; errors of input come alone. */
  private void announce(Plan plan) {
    if (subjects.usesShipped()) {
      ShippedModel.STORY.announce(main.err());
    }
    ModelOptions.noteOfUselessBlas(spec, plan.devices()).ifPresent(main.err()::println);
  }

  private Plan plan() {
    return new Plan(
        subjects.all(),
        devices.lists(),
        devices.threads(),
        lengths.prompts(),
        lengths.generations(),
        lengths.mixes(),
        lengths.sequences(report == null ? List.of(1) : List.of(1, 4, 16)),
        lengths.depths(),
        repetitions.count(),
        repetitions.warmUp(),
        operations == null ? report != null : operations,
        repetitions.beside());
  }

  /** What {@code --output} is given. */
  private static final class FormOption implements ITypeConverter<BenchOutput.Form> {
    @Override
    public BenchOutput.Form convert(String name) {
      return BenchOutput.Form.of(name);
    }
  }

  /**
   * Measures on a thread of its own: what cannot stop soon, such as the making of a large model, is
   * not waited for when the user wants to end, or the system shuts down.
   */
  private static void run(Bench bench, BenchOutput output, Interrupt interrupt) throws Exception {
    FutureTask<Void> measuring = new FutureTask<>(() -> bench.run(output), null);
    Thread.ofPlatform().daemon().name("aviary-bench").start(measuring);
    int patience = 0;
    while (patience < MOST_PATIENCE) {
      try {
        measuring.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        patience += interrupt.asked() ? 1 : 0;
      }
    }
  }

  /** What a run that is killed leaves. */
  private void keep(Run soFar) {
    if (report == null) {
      return;
    }
    try {
      Report.keep(report, soFar);
    } catch (IOException e) {
      // At the end it is tried again, and told.
    }
  }

  /** To compare takes no other option but those that all commands have. */
  private void requireNothingBeside() {
    spec.commandLine().getParseResult().matchedOptionsSet().stream()
        .filter(option -> !option.inherited() && !option.names()[0].equals("--compare"))
        .findFirst()
        .ifPresent(option -> {
          throw new InputException(
              "--compare: it measures nothing and prints Markdown; %s has no place beside it"
                  .formatted(option.longestName()));
        });
  }

  private void compare() throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path path : compared) {
      runs.add(BenchFile.read(path));
    }
    List<String> names = compared.stream().map(Path::toString).toList();
    new Comparison(names, runs).lines().forEach(main.out()::println);
  }
}
