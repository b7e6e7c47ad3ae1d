package aviary.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextInputTest {
  private static final String TEXT = "Once upon a time, héllo wörld 你好.\n";

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String refused(byte[] bytes) {
    InputException e = assertThrows(InputException.class, () -> TextInput.of("in", bytes));
    assertTrue(e.getMessage().startsWith("in: "), e.getMessage());
    return e.getMessage();
  }

  @Test
  void everyByteOfATextCounts() {
    for (String text : new String[] {"", "a", "\n", TEXT, "a\0b\0c\0" + TEXT, "\u001b[1mbold"}) {
      assertArrayEquals(utf8(text), TextInput.of("in", utf8(text)));
    }
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() throws IOException {
    byte[] marked = utf8("\ufeff" + TEXT);
    assertArrayEquals(utf8(TEXT), TextInput.of("in", marked));
    assertArrayEquals(
        utf8(TEXT), TextInput.stream("in", new ByteArrayInputStream(marked)).readAllBytes());
  }

  @Test
  void aSecondMarkIsText() {
    assertArrayEquals(utf8("\ufeffa"), TextInput.of("in", utf8("\ufeff\ufeffa")));
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16LE, true, a UTF-16 text",
    "UTF-16BE, true, a UTF-16 text",
    "UTF-32LE, true, UTF-32 text",
    "UTF-32BE, true, UTF-32 text",
    "UTF-16LE, false, UTF-16LE text without a byte order mark",
    "UTF-16BE, false, UTF-16BE text without a byte order mark",
    "UTF-32LE, false, UTF-32LE text without a byte order mark",
    "UTF-32BE, false, UTF-32BE text without a byte order mark",
  })
  void wideEncodingsAreNamed(String charset, boolean marked, String name) throws IOException {
    byte[] bytes = ((marked ? "\ufeff" : "") + TEXT.repeat(9)).getBytes(Charset.forName(charset));
    String message = refused(bytes);
    assertTrue(message.contains(name), message);
    assertTrue(message.contains("iconv -f UTF-"), message);
    InputException e =
        assertThrows(
            InputException.class, () -> TextInput.stream("in", new ByteArrayInputStream(bytes)));
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void wideEncodingsOfAFewCharactersAreNamed(String charset) throws IOException {
    for (String text : new String[] {"hi", "hi\n", "hello", "\tcaf\u00e9\r\n"}) {
      byte[] bytes = text.getBytes(Charset.forName(charset));
      String message =
          "in: is a %s text without a byte order mark; plain UTF-8 text is needed: save it as UTF-8,"
                  .formatted(charset)
              + " for example with iconv -f %s -t UTF-8".formatted(charset);
      assertEquals(message, refused(bytes));
      InputException e =
          assertThrows(
              InputException.class, () -> TextInput.stream("in", new ByteArrayInputStream(bytes)));
      assertEquals(message, e.getMessage());
    }
    // Cut within a character.
    byte[] cut = "hello".getBytes(StandardCharsets.UTF_16LE);
    assertTrue(refused(Arrays.copyOf(cut, 9)).contains("a UTF-16LE text"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h\0",
        "\0h",
        "h\0e",
        "\0",
        "\0\0\0\0",
        "a\0bc",
        "ab\0cd\0",
        "a\0b\0cd",
        "one\0two\0three\0",
        "Once upon a time\0there was\0"
      })
  void aFewZerosAreText(String text) {
    assertArrayEquals(utf8(text), TextInput.of("in", utf8(text)));
  }

  @Test
  void aFewNumbersAreBinary() {
    String message = refused(new byte[] {1, 0, 2, 0, 3, 0});
    assertEquals(
        "in: is a binary file of no known kind; plain UTF-8 text is needed: if it holds token ids,"
            + " give the text that they were made from",
        message);
  }

  static Stream<Arguments> binaries() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(utf8(TEXT));
    }
    byte[] tar = Arrays.copyOf(utf8("book.txt"), 1024);
    System.arraycopy(utf8("ustar"), 0, tar, 257, 5);
    byte[] llmC = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN).putInt(20240520).array();
    return Stream.of(
        Arguments.of("compressed with gzip", zipped.toByteArray()),
        Arguments.of("compressed with Zstandard", latin("\u0028\u00b5\u002f\u00fd more of it")),
        Arguments.of("compressed with xz", latin("\u00fd7zXZ\0 more of it")),
        Arguments.of("compressed with bzip2", latin("BZh91AY&SY more of it")),
        Arguments.of("a zip archive", latin("PK\3\4 more of it")),
        Arguments.of("a tar archive", tar),
        Arguments.of("a Parquet file", latin("PAR1\u0015\0 more of it")),
        Arguments.of("an Arrow file", latin("ARROW1\0\0 more of it")),
        Arguments.of("a NumPy array", latin("\u0093NUMPY\1\0v\0{'descr': '<u2'")),
        Arguments.of("(binidx)", latin("MMIDIDX\0\0\1\0\0\0\0\0\0\0")),
        Arguments.of("a token file of llm.c", llmC),
        Arguments.of("a safetensors file", latin("\u0040\0\0\0\0\0\0\0{\"a\": {\"dtype\": ")),
        Arguments.of("a Python pickle", latin("\u0080\2}q\0(X\5\0\0\0hellok")),
        Arguments.of("llama.cpp", latin("GGUF\3\0\0\0\0\0\0\0")),
        Arguments.of("a PDF document", latin("%PDF-1.7\n%\u00e2\u00e3")),
        Arguments.of("a PNG image", latin("\u0089PNG\r\n\u001a\n\0\0\0\rIHDR")),
        Arguments.of(
            "Git LFS", latin("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n")));
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void binariesAreNamed(String name, byte[] bytes) {
    String message = refused(bytes);
    assertTrue(message.contains(name), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GGUF is a format.",
        "PAR1 is a mark.",
        "<!DOCTYPE html>",
        "{\"a\": 1}",
        "1 'a' 1\n",
        "bell \u0007, \u0001"
      })
  void textsOfAnyKindAreTexts(String text) {
    assertArrayEquals(utf8(text), TextInput.of("in", utf8(text)));
  }

  @ParameterizedTest
  @CsvSource({"2, 65536", "2, 64", "4, 50257", "1, 65"})
  void tokenIdsAreBinary(int width, int vocabulary) {
    ByteBuffer ids = ByteBuffer.allocate(4000).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(7);
    while (ids.hasRemaining()) {
      int id = random.nextInt(vocabulary);
      switch (width) {
        case 1 -> ids.put((byte) id);
        case 2 -> ids.putShort((short) id);
        default -> ids.putInt(id);
      }
    }
    String message = refused(ids.array());
    assertTrue(message.contains("is a binary file of no known kind"), message);
  }

  @Test
  void aWrongByteIsNamedWithItsPlace() {
    byte[] latin = "one\ntwo\ncaf\u00e9 au lait\n".getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        "in: is not UTF-8 text: byte 0xE9 at offset 11, in line 3; if it is in another encoding,"
            + " save it as UTF-8, for example with iconv -f ENCODING -t UTF-8",
        refused(latin));
    byte[] damaged = utf8("\ufeff" + TEXT.repeat(5000));
    int line = 3000;
    int at = 3 + line * utf8(TEXT).length;
    damaged[at] = (byte) 0xC0;
    String message = refused(damaged);
    assertTrue(
        message.contains("byte 0xC0 at offset %d, in line %d;".formatted(at, line + 1)), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aCharacterThatIsCutOffAtTheEndIsKept(int bytes) {
    byte[] cut = Arrays.copyOf(utf8("你好"), 3 + bytes);
    assertArrayEquals(cut, TextInput.of("in", cut));
  }

  @Test
  void aCharacterOfAnotherEncodingAtTheEndIsNoCutOffOne() {
    refused("one more caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    refused(new byte[] {'a', (byte) 0xFF});
  }

  @Test
  @Timeout(30)
  void aLineOfAPipeIsThereBeforeTheNext() throws IOException {
    try (PipedOutputStream out = new PipedOutputStream();
        PipedInputStream pipe = new PipedInputStream(out)) {
      out.write(utf8("Hi\n"));
      InputStream in = TextInput.stream("in", pipe);
      byte[] line = new byte[100];
      assertEquals(3, in.read(line, 0, line.length));
    }
  }
}
