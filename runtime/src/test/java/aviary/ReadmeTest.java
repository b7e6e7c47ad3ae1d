package aviary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModels;
import aviary.model.Model;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows of Java compiles and runs. */
class ReadmeTest {
  private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void theProgramContinuesAText() throws Exception {
    Path program = folder.resolve("Story.java");
    Files.writeString(program, javaOfReadme());
    Path output = folder.resolve("output.txt");
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-classpath",
                System.getProperty("java.class.path"),
                program.toString(),
                byteLevelModel().toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = java.waitFor();
    String text = new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1);
    assertEquals(0, code, text);
    String said = text.replaceFirst("WARNING: .*\\R", "");
    assertFalse(said.isEmpty());
  }

  private static String javaOfReadme() throws IOException {
    Matcher matcher = JAVA.matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(matcher.find(), "the README has no Java");
    return matcher.group(1);
  }

  /** A model that needs no vocabulary. */
  private Path byteLevelModel() throws IOException {
    Model model =
        RandomModels.all().stream()
            .filter(random -> random.config().vocabulary() == 256)
            .findFirst()
            .orElseThrow()
            .model();
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        file, model.metadata(), model.tensors().values().stream().map(Entry::of).toList());
    return file;
  }
}
