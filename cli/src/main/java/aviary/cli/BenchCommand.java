package aviary.cli;

import aviary.InputException;
import aviary.bench.Bench;
import aviary.bench.BenchFile;
import aviary.bench.Comparison;
import aviary.bench.Plan;
import aviary.bench.Report;
import aviary.bench.Run;
import aviary.bench.Subject;
import aviary.engine.BlasChoice;
import aviary.engine.EngineOptions;
import aviary.engine.Split;
import aviary.model.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
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

  /** Seconds. */
  private static final double WARM_UP = 2;

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description =
          "A model's file or folder; may be given several times, or as a list. Without it and --shape"
              + " a small one that aviary comes with.")
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
      converter = WeightTypeName.class,
      description =
          "The weights' types: f32, f16, bf16, q8_0; a list. Without it files are used as they are,"
              + " and shapes in bf16.")
  private List<WeightType> types = List.of();

  @Option(
      names = {"-dev", "--device"},
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
      names = {"-t", "--threads"},
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      converter = ThreadCount.class,
      description = "Threads of the host's cores; 0 for one a core; a list.")
  private List<Integer> threads;

  @Option(
      names = "--blas",
      defaultValue = "auto",
      paramLabel = "NAME",
      converter = ModelOptions.BlasOption.class,
      description = {
        "Who multiplies matrices with many rows on the host's cores: auto, none (aviary itself),"
            + " openblas, mkl (default: ${DEFAULT-VALUE}).",
        "Libraries are looked for where the system's loader does, and in AVIARY_BLAS_PATH."
      })
  private BlasChoice blas;

  @Option(
      names = {"-p", "--n-prompt"},
      split = ",",
      defaultValue = "512",
      paramLabel = "N",
      description =
          "Tokens of a prompt; 0 for none; a list or a range such as 128-512+128 (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> prompts;

  @Option(
      names = {"-n", "--n-gen"},
      split = ",",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens to generate, a list; 0 for none (default: ${DEFAULT-VALUE}).")
  private List<String> generations;

  @Option(
      names = "-pg",
      paramLabel = "PP,TG",
      description =
          "A prompt of PP tokens and then TG generated tokens, measured together; may be given"
              + " several times.")
  private List<String> mixes = List.of();

  @Option(
      names = "--batch-size",
      split = ",",
      paramLabel = "N",
      description =
          "Sequences side by side that tokens are generated for, a list (default: 1; with --report"
              + " 1,4,16).")
  private List<String> sequences = List.of();

  @Option(
      names = {"-d", "--n-depth"},
      split = ",",
      defaultValue = "0",
      paramLabel = "N",
      description = "Tokens that a sequence has seen before, a list.")
  private List<String> depths;

  @Option(
      names = {"-r", "--repetitions"},
      defaultValue = "5",
      paramLabel = "N",
      description = "How often each is measured (default: ${DEFAULT-VALUE}).")
  private int repetitions;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description =
          "What runs before a measurement and is not counted, so that the compilers are done; once"
              + " at least (default: 2).")
  private Double warmUp;

  @Option(names = "--no-warmup", description = "As in llama-bench: the same as --warm-up 0.")
  private boolean coldStart;

  /** llama-bench's; progress is always shown. */
  @Option(names = "--progress", hidden = true)
  private boolean progress;

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
    ModelOptions.tellOfUselessBlas(spec, plan.devices());
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    EngineOptions options = new EngineOptions(0, Optional.ofNullable(split), blas);
    try (Interrupt interrupt = new Interrupt("INT", "TERM")) {
      Bench bench = new Bench(plan, options, new Version().getVersion()[0], now, interrupt::asked);
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

  private Plan plan() {
    List<Integer> usual = report == null ? List.of(1) : List.of(1, 4, 16);
    return new Plan(
        subjects(),
        lists(),
        threads,
        NumberLists.of("-p", prompts),
        NumberLists.of("-n", generations),
        mixes.stream().map(BenchCommand::mix).toList(),
        sequences.isEmpty() ? usual : NumberLists.of("--batch-size", sequences),
        NumberLists.of("-d", depths),
        repetitions,
        warmUp(),
        operations == null ? report != null : operations);
  }

  private double warmUp() {
    if (coldStart && warmUp != null && warmUp != 0) {
      throw new InputException(
          "--no-warmup: it is the same as --warm-up 0, and --warm-up %s is given too; leave one out"
              .formatted(warmUp));
    }
    if (coldStart) {
      return 0;
    }
    return warmUp == null ? WARM_UP : warmUp;
  }

  private static Plan.Mix mix(String text) {
    List<Integer> numbers = NumberLists.of("-pg", List.of(text.split(",", -1)));
    if (numbers.size() != 2) {
      throw new InputException("-pg %s: it has to be two numbers, such as 512,128".formatted(text));
    }
    return new Plan.Mix(numbers.getFirst(), numbers.getLast());
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

  private List<Subject> subjects() {
    List<Path> files = paths();
    if (files.isEmpty() && shapes.isEmpty()) {
      files = List.of(ShippedModel.STORY.pathFor(main.err()));
    }
    List<Subject> subjects = new ArrayList<>();
    for (Path model : files) {
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

  /** A path that is there as it stands is no list, whatever commas it has. */
  private List<Path> paths() {
    return models.stream()
        .flatMap(path ->
            Files.exists(path)
                ? Stream.of(path)
                : Arrays.stream(path.toString().split(",")).map(Path::of))
        .toList();
  }

  /** Without {@code --split} each device of a list is measured by itself. */
  private List<String> lists() {
    if (split != null) {
      return devices;
    }
    return devices.stream().flatMap(list -> Arrays.stream(list.split(",", -1))).toList();
  }
}
