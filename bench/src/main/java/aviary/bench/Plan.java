package aviary.bench;

import aviary.InputException;
import aviary.bench.Measurement.Test;
import aviary.engine.Backends;
import aviary.engine.EngineOptions;
import aviary.model.WeightType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is to be measured: everything with everything. What a list has twice is measured once.
 *
 * @param subjects the models
 * @param devices lists of devices, as {@code --device} has them
 * @param threads numbers of threads; 0 for one a core
 * @param prompts lengths of prompts: pp
 * @param generations numbers of tokens to generate: tg
 * @param mixes prompts with tokens generated after them: pp+tg
 * @param sequences numbers of sequences side by side that tokens are generated for
 * @param depths numbers of tokens that a sequence has seen before
 * @param repetitions how often each is measured
 * @param warmUp seconds of runs before them that are not counted; one run at least
 * @param operations whether single operations are measured too
 * @param beside beside how many threads of another process, which never rest, speeds are measured
 *     again; 0 for none
 */
public record Plan(
    List<Subject> subjects,
    List<String> devices,
    List<Integer> threads,
    List<Integer> prompts,
    List<Integer> generations,
    List<Mix> mixes,
    List<Integer> sequences,
    List<Integer> depths,
    int repetitions,
    double warmUp,
    boolean operations,
    int beside) {

  /**
   * A prompt, and tokens generated after it.
   *
   * @param prompt its tokens
   * @param generated how many are generated
   */
  public record Mix(int prompt, int generated) {

    /** What llama-bench calls it: {@code pp512+tg128}. */
    String name() {
      return "pp%d+tg%d".formatted(prompt, generated);
    }

    @Override
    public String toString() {
      return prompt + "," + generated;
    }
  }

  /** More is a typing error, and would take days. */
  private static final int MOST = 1 << 24;

  private static final int MOST_SEQUENCES = 4096;

  private static final int MOST_THREADS = 4096;

  /**
   * Checks the numbers.
   *
   * @throws InputException if one makes no sense; it is named as the command line has it
   */
  public Plan {
    if (subjects.isEmpty()) {
      throw new InputException("nothing to measure: name a file with --model, or a --shape");
    }
    threads.forEach(count -> require("--threads", count, 0, MOST_THREADS));
    prompts.forEach(count -> require("-p", count, 0, MOST));
    generations.forEach(count -> require("-n", count, 0, MOST));
    mixes.forEach(mix -> {
      require("-pg", mix.prompt(), 1, MOST);
      require("-pg", mix.generated(), 1, MOST);
    });
    sequences.forEach(count -> require("--batch-size", count, 1, MOST_SEQUENCES));
    depths.forEach(count -> require("-d", count, 0, MOST));
    require("--beside", beside, 0, MOST_THREADS);
    require("-r", repetitions, 1, MOST);
    if (!(warmUp >= 0 && warmUp <= MOST)) {
      throw new InputException(
          "--warm-up %s: it has to be a number of seconds, 0 or more".formatted(shown(warmUp)));
    }
    subjects = subjects.stream().distinct().toList();
    devices = devices.stream().distinct().toList();
    threads = threads.stream().distinct().toList();
    prompts = prompts.stream().filter(count -> count > 0).distinct().toList();
    generations = generations.stream().filter(count -> count > 0).distinct().toList();
    mixes = mixes.stream().distinct().toList();
    sequences = sequences.stream().distinct().toList();
    depths = depths.stream().distinct().toList();
  }

  /** How speeds are measured, in this order. */
  List<Test> tests() {
    List<Test> tests = new ArrayList<>();
    for (int depth : depths) {
      prompts.forEach(prompt -> tests.add(Test.prefill(prompt, depth)));
      for (int generated : generations) {
        sequences.forEach(side -> tests.add(Test.decode(generated, side, depth)));
      }
      mixes.forEach(mix -> tests.add(Test.mixed(mix, depth)));
    }
    return tests;
  }

  /** Numbers of threads to measure a device with: one where it uses none of the host's cores. */
  List<Integer> threadsOn(String device, EngineOptions base) {
    return Backends.cores(device, base.withThreads(threads.getFirst())).isPresent()
        ? threads
        : threads.subList(0, 1);
  }

  /** What was asked for, by the command line's options. */
  Map<String, String> options(EngineOptions base) {
    Map<String, String> options = new LinkedHashMap<>();
    Set<String> models = new LinkedHashSet<>();
    Set<String> shapes = new LinkedHashSet<>();
    Set<WeightType> types = new LinkedHashSet<>();
    for (Subject subject : subjects) {
      switch (subject) {
        case Subject.File file -> models.add(file.name());
        case Subject.Shape shape -> shapes.add(shape.name());
      }
      if (subject.type() != null) {
        types.add(subject.type());
      }
    }
    put(options, "--model", models);
    put(options, "--shape", shapes);
    put(options, "--dtype", types.stream().map(Weights::name).toList());
    put(options, "--device", devices);
    base.split().ifPresent(split -> options.put("--split", split.toString()));
    put(options, "--threads", threads);
    options.put("--blas", base.blas().toString());
    put(options, "-p", prompts);
    put(options, "-n", generations);
    options.putAll(mixes.isEmpty() ? Map.of() : Map.of("-pg", joined(mixes, " ")));
    put(options, "--batch-size", sequences);
    put(options, "-d", depths);
    options.put("-r", String.valueOf(repetitions));
    options.put("--warm-up", shown(warmUp));
    options.put("--operations", operations ? "yes" : "no");
    if (beside > 0) {
      options.put("--beside", String.valueOf(beside));
    }
    return options;
  }

  private static void put(Map<String, String> options, String option, Collection<?> values) {
    if (!values.isEmpty()) {
      options.put(option, joined(values, ","));
    }
  }

  private static String joined(Collection<?> values, String between) {
    return values.stream().map(Object::toString).collect(Collectors.joining(between));
  }

  /** As people write it: without digits behind the point where these are 0. */
  private static String shown(double number) {
    return Double.toString(number).replaceFirst("\\.0$", "");
  }

  private static void require(String option, int count, int least, int most) {
    if (count < least || count > most) {
      throw new InputException(
          "%s %d: it has to be from %d to %d".formatted(option, count, least, most));
    }
  }
}
