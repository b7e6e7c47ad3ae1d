package aviary.bench;

import aviary.engine.DeviceProfile;
import aviary.engine.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device's profiler tells: of an engine just opened, since that has to compile, and not of
 * the one that was timed, since a profiler takes time itself.
 */
final class Profile {

  private static final String COMPILE = "compile";

  private final Engine engine;
  private final Speeds speeds;
  private final Plan plan;

  Profile(Engine engine, Speeds speeds, Plan plan) {
    this.engine = engine;
    this.speeds = speeds;
    this.plan = plan;
  }

  /**
   * The time to compile what a first token needs, and the times of a prompt and of a text: the
   * plan's first of each, where it has one.
   */
  List<Measurement> measure() {
    List<Measurement> measured = new ArrayList<>();
    engine.startProfile();
    speeds.run(1, 0);
    DeviceProfile first = engine.profile().orElseThrow();
    measured.add(speeds.single(COMPILE, "s", first.compileSeconds(), details(first)));
    for (int prompt : firstOf(plan.prompts())) {
      speeds.run(prompt, 1);
      engine.startProfile();
      speeds.run(prompt, 0);
      measured.addAll(times("pp" + prompt));
    }
    for (int generated : firstOf(plan.generations())) {
      engine.startProfile();
      // The first of them comes out of the prompt's token.
      speeds.run(1, generated - 1);
      measured.addAll(times("tg" + generated));
    }
    return measured;
  }

  /** The names of what {@link #measure} measures. */
  static List<String> names(Plan plan) {
    List<String> names = new ArrayList<>(List.of(COMPILE));
    firstOf(plan.prompts()).forEach(prompt -> names.addAll(timesOf("pp" + prompt)));
    firstOf(plan.generations()).forEach(generated -> names.addAll(timesOf("tg" + generated)));
    return names;
  }

  private static List<String> timesOf(String test) {
    return List.of("kernels of " + test, "transfers of " + test);
  }

  private static List<Integer> firstOf(List<Integer> numbers) {
    return numbers.stream().limit(1).toList();
  }

  private List<Measurement> times(String of) {
    DeviceProfile profile = engine.profile().orElseThrow();
    Map<String, Double> details = details(profile);
    List<String> names = timesOf(of);
    return List.of(
        speeds.single(names.getFirst(), "s", profile.kernelSeconds(), details),
        speeds.single(names.getLast(), "s", profile.transferSeconds(), details));
  }

  private static Map<String, Double> details(DeviceProfile profile) {
    Map<String, Double> details = new LinkedHashMap<>();
    details.put("compile_s", profile.compileSeconds());
    details.put("kernel_s", profile.kernelSeconds());
    details.put("transfer_s", profile.transferSeconds());
    details.put("launches", (double) profile.launches());
    details.put("bytes_in", (double) profile.bytesIn());
    details.put("bytes_out", (double) profile.bytesOut());
    return details;
  }
}
