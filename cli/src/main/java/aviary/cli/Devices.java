package aviary.cli;

import aviary.engine.Backend;
import aviary.engine.Backends;
import aviary.engine.Device;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import tools.jackson.core.JsonGenerator;

/** {@code aviary devices}. */
@Command(
    name = "devices",
    description = "Lists the devices that --device can name, and what they can do.",
    footer = {"", "Example:", "  aviary devices --json"})
final class Devices implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(names = "--json", description = "Print a JSON array of objects.")
  private boolean json;

  @Override
  public Integer call() {
    List<Backend> backends = Backends.all();
    if (json) {
      Json.print(main.out(), array -> write(array, backends));
    } else {
      backends.forEach(this::print);
      Backends.missing().forEach(this::printMissing);
    }
    return 0;
  }

  private void print(Backend backend) {
    PrintStream out = main.out();
    List<Device> devices = backend.devices();
    for (Device device : devices) {
      out.println(device.id());
      out.println("  name: " + device.name());
      out.println("  memory: " + Sizes.shown(device.memoryBytes()));
      device.properties().forEach((key, value) -> out.println("  " + key + ": " + value));
    }
    if (devices.isEmpty()) {
      printMissing(backend.name(), backend.hint());
    }
  }

  private void printMissing(String backend, String hint) {
    main.out().println(backend);
    main.out().println("  no devices: " + hint);
  }

  private static void write(JsonGenerator json, List<Backend> backends) {
    json.writeStartArray();
    for (Backend backend : backends) {
      for (Device device : backend.devices()) {
        json.writeStartObject();
        json.writeStringProperty("id", device.id());
        json.writeStringProperty("backend", backend.name());
        json.writeStringProperty("name", device.name());
        json.writeNumberProperty("memory_bytes", device.memoryBytes());
        json.writeObjectPropertyStart("properties");
        device.properties().forEach(json::writeStringProperty);
        json.writeEndObject();
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }
}
