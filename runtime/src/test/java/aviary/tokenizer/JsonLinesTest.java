package aviary.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.SharedData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {
  private final Tokenizer tokenizer = SmallVocabulary.of("Hello", " world", "é");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private String encode(String lines) throws IOException {
    out.reset();
    JsonLines.encode(tokenizer, "stdin", stream(lines), out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private String decode(String lines) throws IOException {
    out.reset();
    JsonLines.decode(tokenizer, "stdin", stream(lines), out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void textsBecomeIdsAndIdsTexts() throws IOException {
    assertEquals(
        "{\"ids\":[257,258]}\n{\"ids\":[]}\n{\"ids\":[259,11]}\n",
        encode(
            """
            {"text": "Hello world"}
            {"text":""}
            {"text":"\\u00e9\\n"}
            """));
    assertEquals(
        "{\"text\":\"Hello world\"}\n{\"text\":\"\"}\n{\"text\":\"é\\n\"}\n",
        decode(
            """
            {"ids": [257, 258]}
            {"ids":[]}
            {"ids":[259,11]}
            """));
  }

  @Test
  void otherPropertiesAndBlankLinesArePassedOver() throws IOException {
    String lines =
        "\n {\"id\":{\"text\":1},\"text\":\"Hello\",\"more\":[1]} \r\n  \n{\"text\":\"A\"}";
    assertEquals("{\"ids\":[257]}\n{\"ids\":[66]}\n", encode(lines));
  }

  @Test
  void bytesThatAreNoTextBecomeReplacementCharacters() throws IOException {
    assertEquals("{\"text\":\"a\uFFFDb\"}\n", decode("{\"ids\":[98, 256, 99]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"text\":5}          | \"text\" is not a string",
        "{\"txt\":\"a\"}       | wanted an object with the property \"text\"",
        "\"text\"              | wanted an object with the property \"text\"",
        "[]                    | wanted an object with the property \"text\"",
        "{\"text\":\"a\"} {}   | goes on after its object",
        "{\"text\":\"a\",\"text\":\"b\"} | has \"text\" twice",
        "{\"text\":\"\\ud800\"} | the text has an unpaired surrogate.*",
        "{\"text\":\"a\"       | is not valid JSON: .*",
        "{\"text\":\"a         | is not valid JSON: .*",
        "hello                 | is not valid JSON: .*"
      })
  void aBadTextIsNamedByItsLine(String bad, String message) {
    InputException e =
        assertThrows(
            InputException.class,
            () -> encode("{\"text\":\"Hello\"}\n\n" + bad + "\n{\"text\":\"Hello\"}\n"));
    assertTrue(e.getMessage().matches("(?s)stdin: line 3: " + message), e.getMessage());
    assertEquals("{\"ids\":[257]}\n", out.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ids\":5}           | \"ids\" is not an array of whole numbers",
        "{\"ids\":[1.5]}       | \"ids\" is not an array of whole numbers",
        "{\"ids\":[[1]]}       | \"ids\" is not an array of whole numbers",
        "{\"ids\":[1,-1]}      | token -1 is outside of this vocabulary of size 260",
        "{\"ids\":[260]}       | token 260 is outside of this vocabulary of size 260",
        "{\"ids\":[99999999999]} | is not valid JSON: .*out of range.*"
      })
  void badIdsAreNamedByTheirLine(String bad, String message) {
    InputException e = assertThrows(InputException.class, () -> decode("{\"ids\":[257]}\n" + bad));
    assertTrue(e.getMessage().matches("stdin: line 2: " + message), e.getMessage());
    assertEquals("{\"text\":\"Hello\"}\n", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void bytesThatAreNoUtf8AreNamedByTheirLine() {
    byte[] line = {'{', '"', 't', 'e', 'x', 't', '"', ':', '"', (byte) 0xFF, '"', '}'};
    InputException e =
        assertThrows(
            InputException.class,
            () -> JsonLines.encode(tokenizer, "f", new ByteArrayInputStream(line), out));
    assertTrue(e.getMessage().startsWith("f: line 1: is not valid JSON: "), e.getMessage());
    assertEquals(0, out.size());
  }

  @Test
  void publicTextsComeBackAsTheyWere() throws IOException {
    Tokenizer world = WorldTokenizer.read(SharedData.file("vocab/rwkv_vocab_v20230424.txt"));
    String texts =
        Files.readString(SharedData.file("data/lambada_openai/default/test.jsonl"))
            .lines()
            .limit(300)
            .reduce("", (all, line) -> all + line + "\n");
    ByteArrayOutputStream ids = new ByteArrayOutputStream();
    JsonLines.encode(world, "texts", stream(texts), ids);
    ByteArrayOutputStream back = new ByteArrayOutputStream();
    JsonLines.decode(world, "ids", new ByteArrayInputStream(ids.toByteArray()), back);
    ByteArrayOutputStream again = new ByteArrayOutputStream();
    JsonLines.encode(world, "back", new ByteArrayInputStream(back.toByteArray()), again);
    assertEquals(300, back.toString(StandardCharsets.UTF_8).lines().count());
    assertEquals(ids.toString(StandardCharsets.UTF_8), again.toString(StandardCharsets.UTF_8));
  }
}
