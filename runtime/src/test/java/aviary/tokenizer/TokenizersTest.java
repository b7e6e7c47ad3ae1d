package aviary.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
  private static final int ROWS = 260;

  @TempDir private Path folder;

  /** A vocabulary of 258 ids whose token 257 is the given text. */
  private Path vocabulary(String name, String text) throws IOException {
    Path place = Files.createDirectories(folder.resolve(name));
    return SmallVocabulary.write(place, "257 '%s' %d".formatted(text, text.length()));
  }

  @Test
  void theOptionGoesBeforeTheEnvironmentAndThatBeforeTheModelsFolder() throws IOException {
    Path option = vocabulary("a", "option");
    String environment = vocabulary("b", "environment").toString();
    Path models = Files.createDirectories(folder.resolve("models"));
    Files.move(vocabulary("c", "folder"), models.resolve(Tokenizers.FILE_NAME));
    Path model = models.resolve("model.safetensors");
    int[] found = {257};
    assertArrayEquals(found, Tokenizers.find(model, ROWS, option, environment).encode("option"));
    assertArrayEquals(found, Tokenizers.find(model, ROWS, null, environment).encode("environment"));
    assertArrayEquals(found, Tokenizers.find(model, ROWS, null, "").encode("folder"));
    assertArrayEquals(found, Tokenizers.find(models, ROWS, null, null).encode("folder"));
  }

  @Test
  void byteLevelModelsNeedNoVocabularyAndIgnoreTheEnvironment() throws IOException {
    assertInstanceOf(ByteTokenizer.class, Tokenizers.find(folder, 256, null, "/nowhere"));
  }

  @Test
  void whereThereIsNoneItSaysWhatToGetAndWhere() {
    Path model = folder.resolve("model.safetensors");
    String message =
        assertThrows(InputException.class, () -> Tokenizers.find(model, ROWS, null, null))
            .getMessage();
    assertTrue(message.contains(model.toString()), message);
    assertTrue(message.contains(Tokenizers.FILE_NAME), message);
    assertTrue(message.contains("--vocab") && message.contains("AVIARY_VOCAB"), message);
    assertTrue(message.contains("RWKV-LM"), message);
    assertEquals(1, message.lines().count());
    assertThrows(InputException.class, () -> Tokenizers.find(null, null));
  }

  @Test
  void aVocabularyThatDoesNotFitTheEmbeddingIsRefusedWithBothNumbers() throws IOException {
    Path file = vocabulary("a", "ab");
    for (int rows : new int[] {256, 257, 512, 65536}) {
      String message =
          assertThrows(InputException.class, () -> Tokenizers.find(folder, rows, file, null))
              .getMessage();
      assertTrue(message.contains("257") && message.contains(rows + " rows"), message);
    }
    assertEquals(258, Tokenizers.find(folder, 258, file, null).size());
    assertEquals(258, Tokenizers.find(folder, 272, file, null).size());
  }

  @Test
  void byteTokensAreTheirBytes() {
    ByteTokenizer tokenizer = new ByteTokenizer();
    assertArrayEquals(new int[] {0, 97, 0xC3, 0xA9}, tokenizer.encode("\0a\u00e9"));
    assertArrayEquals(new byte[] {0, (byte) 0xFF}, tokenizer.decode(new int[] {0, 255}));
    assertEquals(0, tokenizer.endOfText());
    assertTrue(!tokenizer.endsText(0) && tokenizer.bytes(0).length == 1);
    String message = assertThrows(InputException.class, () -> tokenizer.bytes(256)).getMessage();
    assertEquals("token 256 is none of the 256 of a byte-level model (0 to 255)", message);
    assertThrows(InputException.class, () -> tokenizer.encode("\uD800"));
  }
}
