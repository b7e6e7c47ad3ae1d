package aviary.bench;

import aviary.engine.Backends;
import aviary.engine.Device;
import aviary.engine.EngineOptions;
import aviary.engine.HostCores;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a number depends on beside what is measured.
 *
 * @param version Aviary's version, and the commit that it was built from
 * @param time when the run began, in UTC
 * @param os the operating system
 * @param cpu the processor, and what tells its generation where the system knows it
 * @param cores how many of its cores this process has
 * @param memoryBytes the machine's memory
 * @param jvm the JVM and its version
 * @param flags what the JVM was started with
 * @param options what the run was asked for, by the command line's options
 * @param blas the library that computed products of many rows on the host's cores; {@code none}
 *     where Aviary did it itself, and nothing where these cores had no part in it
 * @param devices by id: name, driver and all else that a device says of itself
 * @param models by name and type: SHA-256 of all tensors
 */
public record Environment(
    String version,
    String time,
    String os,
    String cpu,
    int cores,
    long memoryBytes,
    String jvm,
    List<String> flags,
    Map<String, String> options,
    String blas,
    Map<String, Map<String, String>> devices,
    Map<String, String> models) {

  /** A file may lack some of it. */
  public Environment {
    version = Objects.requireNonNullElse(version, "");
    time = Objects.requireNonNullElse(time, "");
    os = Objects.requireNonNullElse(os, "");
    cpu = Objects.requireNonNullElse(cpu, "");
    jvm = Objects.requireNonNullElse(jvm, "");
    flags = Objects.requireNonNullElse(flags, List.of());
    options = Objects.requireNonNullElse(options, Map.of());
    blas = Objects.requireNonNullElse(blas, "");
    devices = Objects.requireNonNullElse(devices, Map.of());
    models = Objects.requireNonNullElse(models, Map.of());
  }

  /**
   * This process's.
   *
   * @param version what built this
   * @param time when the run began
   * @param plan what is to be measured, and where
   * @param base how engines run
   * @throws aviary.InputException if a device is not there, or cannot run so
   */
  static Environment here(String version, String time, Plan plan, EngineOptions base) {
    Map<String, Map<String, String>> described = new TreeMap<>();
    plan.devices().stream()
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .map(Backends::describe)
        .forEach(device -> {
          Map<String, String> its = new LinkedHashMap<>();
          its.put("name", device.name());
          its.putAll(device.properties());
          described.put(device.id(), its);
        });
    return new Environment(
        version,
        time,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        processor(),
        Runtime.getRuntime().availableProcessors(),
        Memory.all(),
        jvmName(),
        jvmFlags(),
        plan.options(base),
        plan.devices().stream()
            .flatMap(device -> Backends.cores(device, base).stream())
            .map(HostCores::blas)
            .findFirst()
            .orElse(""),
        described,
        Map.of());
  }

  /** The same with models. */
  Environment with(Map<String, String> hashes) {
    return new Environment(
        version,
        time,
        os,
        cpu,
        cores,
        memoryBytes,
        jvm,
        flags,
        options,
        blas,
        devices,
        Map.copyOf(hashes));
  }

  /** What the cpu backend calls it. */
  private static String processor() {
    return Backends.all().stream()
        .flatMap(backend -> backend.devices().stream())
        .filter(device -> device.id().equals("cpu"))
        .map(Environment::processor)
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  private static String processor(Device cpu) {
    String details = cpu.properties().get("processor");
    return details == null ? cpu.name() : cpu.name() + ", " + details;
  }

  /** The JVM: its name, vendor's version and version. */
  private static String jvmName() {
    return "%s %s %s"
        .formatted(
            System.getProperty("java.vm.name"),
            System.getProperty("java.vendor.version", ""),
            System.getProperty("java.runtime.version"));
  }

  /** The options of this JVM, but for paths, which say nothing of speed. */
  private static List<String> jvmFlags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("-X") || flag.startsWith("-D"))
        .filter(flag -> !flag.contains("/"))
        .toList();
  }
}
