package aviary.mqar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.data.DocumentReader;
import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.data.MqarDocuments;
import aviary.mqar.MqarTask.Example;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MqarFileTest {
  private static final MqarTask TASK = new MqarTask(70, 20, 3, true);
  private static final int EXAMPLES = 9;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @TempDir private Path folder;

  private Path write(String name) throws IOException {
    Path file = folder.resolve(name);
    new MqarFile(TASK, 6, EXAMPLES, _ -> {}).write(file);
    return file;
  }

  @Test
  void tensorsHoldTheExamples() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(write("a.safetensors"), arena);
      assertEquals("6", file.metadata().get("seed"));
      assertEquals("70", file.metadata().get("vocab_size"));
      assertEquals(2, file.tensors().size());
      for (int i = 0; i < EXAMPLES; i++) {
        Example example = TASK.example(6, i);
        assertRow(example.tokens(), file.tensors().get("tokens"), i);
        assertRow(example.labels(), file.tensors().get("labels"), i);
      }
    }
  }

  private static void assertRow(int[] expected, Tensor tensor, int row) {
    assertEquals(DType.I64, tensor.dtype());
    assertArrayEquals(new long[] {EXAMPLES, 20}, tensor.shape());
    for (int t = 0; t < expected.length; t++) {
      assertEquals(expected[t], tensor.data().getAtIndex(LONG, row * 20L + t));
    }
  }

  /** What is written is what the task of {@code eval} asks, so that it can be read instead. */
  @Test
  void linesAreTheDocumentsOfTheTask() throws IOException {
    try (JsonLinesReader read = new JsonLinesReader(write("a.jsonl"));
        DocumentReader made = new MqarDocuments(TASK, EXAMPLES, 6).open()) {
      int count = 0;
      for (Map<String, Object> line = read.next(); line != null; line = read.next()) {
        assertEquals(made.next(), line);
        count++;
      }
      assertEquals(EXAMPLES, count);
      assertEquals(null, made.next());
    }
  }

  @Test
  void otherNamesAndNoExamplesAreRefusedAndNothingIsWritten() throws IOException {
    String message = assertThrows(InputException.class, () -> write("a.csv")).getMessage();
    assertTrue(message.endsWith("name a file that ends in .safetensors or .jsonl"), message);
    assertThrows(InputException.class, () -> new MqarFile(TASK, 6, 0, _ -> {}));
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }
}
