package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Backend;
import aviary.engine.Backends;
import aviary.engine.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DevicesTest {
  @Test
  void everyDeviceOfEveryBackendIsListed() {
    List<Device> devices = Backends.all().stream().flatMap(b -> b.devices().stream()).toList();
    String out = Run.of("devices").ok().out();
    List<String> ids = out.lines().filter(line -> !line.startsWith(" ")).toList();
    List<String> expected = new ArrayList<>(devices.stream().map(Device::id).toList());
    Backends.all().stream()
        .filter(b -> b.devices().isEmpty())
        .map(Backend::name)
        .forEach(expected::add);
    expected.addAll(Backends.missing().keySet());
    assertEquals(expected.stream().sorted().toList(), ids.stream().sorted().toList());
    for (Device device : devices) {
      assertTrue(out.contains("  name: " + device.name() + "\n"), out);
      device
          .properties()
          .forEach((key, value) -> assertTrue(out.contains("  " + key + ": " + value + "\n"), out));
    }
  }

  /** TornadoVM is no part of these tests' class path. */
  @Test
  void whatIsMissingSaysHowToGetIt() {
    assertTrue(Run.of("devices").ok().out().contains("TornadoVM is not installed: sdk install"));
  }

  @Test
  void theLauncherMayKnowBetterWhyTornadoIsMissing() {
    String why = "the kernels are not built";
    System.setProperty("aviary.tornado.missing", why);
    try {
      assertTrue(Run.of("devices").ok().out().endsWith("tornado\n  no devices: " + why + "\n"));
      InputException refused =
          assertThrows(InputException.class, () -> Backends.describe("tornado:0:0"));
      assertEquals("device tornado:0:0: " + why, refused.getMessage());
    } finally {
      System.clearProperty("aviary.tornado.missing");
    }
  }

  @Test
  void jsonHasTheSameForPrograms() {
    JsonNode json = JsonMapper.shared().readTree(Run.of("devices", "--json").ok().out());
    List<Device> devices = Backends.all().stream().flatMap(b -> b.devices().stream()).toList();
    assertEquals(devices.size(), json.size());
    for (int i = 0; i < devices.size(); i++) {
      assertEquals(devices.get(i).id(), json.get(i).get("id").asString());
      assertEquals(devices.get(i).name(), json.get(i).get("name").asString());
      assertTrue(json.get(i).get("memory_bytes").asLong() > 0);
      assertEquals(devices.get(i).properties().size(), json.get(i).get("properties").size());
    }
  }
}
