package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.Test;

class VectorApiTest {
  /** Runs {@link Program} in a JVM of its own; returns what it writes to stdout and stderr. */
  private static String run(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.strip();
  }

  @Test
  void isAddedSilentlyWhereTheJdksModulesMayBeAdded() throws Exception {
    assertEquals("3.0", run("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED"));
  }

  @Test
  void isUsedAsItIsWhereTheJvmStartsWithIt() throws Exception {
    assertEquals(
        "WARNING: Using incubator modules: jdk.incubator.vector\n3.0",
        run("--add-modules=jdk.incubator.vector"));
  }

  @Test
  void isAbsentOtherwise() throws Exception {
    assertEquals("absent", run());
  }

  /** Prints a sum made of vectors, if there are vectors. */
  static final class Program {
    private Program() {}

    static void main() {
      System.out.println(VectorApi.isPresent() ? String.valueOf(Sum.of(1, 2)) : "absent");
    }
  }

  /** A class that is loaded only where there are vectors. */
  private static final class Sum {
    static float of(float a, float b) {
      var species = FloatVector.SPECIES_64;
      return FloatVector.broadcast(species, a).withLane(1, b).reduceLanes(VectorOperators.ADD);
    }
  }
}
