package aviary.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;

/**
 * What a number depends on beside what is measured.
 *
 * @param version Aviary's version, and the commit that it was built from
 * @param time when the run began, in UTC
 * @param os the operating system
 * @param cpu the processor
 * @param cores how many of its cores this process has
 * @param memoryBytes the machine's memory
 * @param jvm the JVM and its version
 * @param flags what the JVM was started with
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
    Map<String, Map<String, String>> devices,
    Map<String, String> models) {

  /** The JVM: its name, vendor's version and version. */
  static String runningJvm() {
    return System.getProperty("java.vm.name")
        + " "
        + System.getProperty("java.vendor.version", "")
        + " "
        + System.getProperty("java.runtime.version");
  }

  /** The options of this JVM, but for paths, which say nothing of speed. */
  static List<String> runningFlags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("-X") || flag.startsWith("-D"))
        .filter(flag -> !flag.contains("/"))
        .toList();
  }
}
