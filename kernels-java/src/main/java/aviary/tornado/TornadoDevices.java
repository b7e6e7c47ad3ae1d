package aviary.tornado;

import aviary.InputException;
import aviary.engine.Device;
import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** TornadoVM's devices, by its own numbers: {@code tornado:DRIVER:DEVICE}. */
final class TornadoDevices {

  /**
   * A device and what the user calls it.
   *
   * @param id {@code tornado:0:0}
   */
  record Found(String id, TornadoDevice device) {}

  private static final Pattern ID = Pattern.compile("tornado:(\\d{1,4}):(\\d{1,4})");

  private static final Pattern DRIVER_VERSION =
      Pattern.compile("\\s*Driver version\\s*:\\s*(\\S.*?)\\s*");

  private TornadoDevices() {}

  /** All devices, driver by driver. */
  static List<Found> all() {
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    List<Found> all = new ArrayList<>();
    for (int driver = 0; driver < runtime.getNumBackends(); driver++) {
      TornadoBackend backend = runtime.getBackend(driver);
      for (int index = 0; index < backend.getNumDevices(); index++) {
        all.add(new Found("tornado:%d:%d".formatted(driver, index), backend.getDevice(index)));
      }
    }
    return all;
  }

  /**
   * The device of that id.
   *
   * @throws InputException if there is none, or it is no id
   */
  static TornadoDevice find(String id) {
    List<Found> all = all();
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      throw new InputException(
          "device %s: TornadoVM's devices are named tornado:DRIVER:DEVICE, here %s"
              .formatted(id, names(all)));
    }
    String plain =
        "tornado:%d:%d"
            .formatted(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    return all.stream()
        .filter(found -> found.id().equals(plain))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                "device %s: TornadoVM has no such device here; it has %s"
                    .formatted(id, names(all))))
        .device();
  }

  private static String names(List<Found> all) {
    return all.isEmpty() ? "none" : all.stream().map(Found::id).collect(Collectors.joining(", "));
  }

  /** What {@code aviary devices} shows. */
  static Device describe(Found found) {
    TornadoDevice device = found.device();
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("driver", device.getTornadoVMBackend().name());
    driverVersion(device).ifPresent(version -> properties.put("driver version", version));
    properties.put("platform", device.getPlatformName());
    properties.put("type", type(device));
    properties.put("largest allocation", device.getMaxAllocMemory() + " bytes");
    properties.put("local memory", device.getDeviceLocalMemorySize() + " bytes");
    properties.put("work-group limits", Arrays.toString(device.getDeviceMaxWorkgroupDimensions()));
    boolean halves = DeviceTraits.of(device).halves();
    properties.put("half precision", halves ? "yes" : "no");
    properties.put(
        "weights", halves ? "f32, f16, q8_0; bf16 as f32" : "f32, q8_0; f16 and bf16 as f32");
    properties.put("TornadoVM", tornadoVersion());
    return new Device(
        found.id(),
        device.getPhysicalDevice().getDeviceName(),
        device.getMaxGlobalMemory(),
        properties);
  }

  /** It stands only in what TornadoVM tells people of a device, and not of each driver's. */
  private static Optional<String> driverVersion(TornadoDevice device) {
    return String.valueOf(device.getPhysicalDevice().getDeviceInfo())
        .lines()
        .map(DRIVER_VERSION::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }

  private static String tornadoVersion() {
    ModuleDescriptor module = TornadoRuntime.class.getModule().getDescriptor();
    return module == null ? "unknown" : module.rawVersion().orElse("unknown");
  }

  private static String type(TornadoDevice device) {
    return device.getDeviceType().name();
  }
}
