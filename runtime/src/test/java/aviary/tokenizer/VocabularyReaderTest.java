package aviary.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocabularyReaderTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          257 'two words' 9         | 74776f20776f726473
          257 "it's" 4              | 69742773
          257 'say \\"hi\\"' 8      | 7361792022686922
          257 '\\n\\t\\r\\\\\\'' 5  | 0a090d5c27
          257 '\\x00\\x7f' 2        | 007f
          257 '\\xe9' 2             | c3a9
          257 'é' 2                 | c3a9
          257 '\\u2028' 3           | e280a8
          257 '\\U0001F600' 4       | f09f9880
          257 '😀' 4                | f09f9880
          257 b'\\xf0\\x9f' 2       | f09f
          257 b"a\\n'" 3            | 610a27
          """)
  void readsLiterals(String line, String hex) throws IOException {
    WorldTokenizer tokenizer = WorldTokenizer.read(SmallVocabulary.write(folder, line.strip()));
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertArrayEquals(bytes, tokenizer.bytes(257));
    assertArrayEquals(new int[] {257}, tokenizer.encode(bytes));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          257                     | three fields
          257 'ab'                | three fields
          257 'ab'2               | three fields
          x 'ab' 2                | the index is not a number
          -1 'ab' 2               | the index is not a number
          257 'ab' two            | the length is not a number
          257 'ab' 3              | length 3 is given, but the literal has 2 bytes
          257 'é' 1               | length 1 is given, but the literal has 2 bytes
          257 '' 0                | the literal is empty
          0 'ab' 2                | index 0 is out of range 1 to 65535
          65536 'ab' 2            | index 65536 is out of range 1 to 65535
          99999999999999 'ab' 2   | out of range
          256 'ab' 2              | index 256 has already been given
          257 'a' 1               | token 257 has the same bytes as token 98
          257 ab 2                | does not begin with a quote
          257 u'ab' 2             | does not begin with a quote
          257 'ab" 2              | does not end with the quote
          257 ' 1                 | does not end with the quote
          257 'a'b' 3             | unescaped quote
          257 'ab\\' 3            | its last quote is escaped
          257 'a\\q' 2            | \\q is no escape of a string literal
          257 b'a\\u0041' 2       | \\u is no escape of a bytes literal
          257 'a\\x4' 2           | \\x needs 2 hexadecimal digits
          257 'a\\u00g0' 2        | \\u needs 4 hexadecimal digits
          257 '\\ud800' 3         | U+D800 is no Unicode character
          257 '\\U00110000' 4     | U+110000 is no Unicode character
          257 '\\Uffffffff' 4     | U+FFFFFFFF is no Unicode character
          257 b'é' 2              | beyond ASCII
          """)
  void malformedLinesAreNamedWithFileAndNumber(String line, String problem) throws IOException {
    Path file = SmallVocabulary.write(folder, line.strip());
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.startsWith("vocabulary " + file + ": line 257: "), message);
    assertTrue(message.contains(problem), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void readsHuggingFacesForm() throws IOException {
    Path file =
        SmallVocabulary.writeLiterals(
            folder, "b'two words'", "b\"it's\"", "'\u00e9'", "b'\\xf0\\x9f'", "b' 1'");
    WorldTokenizer tokenizer = WorldTokenizer.read(file);
    assertEquals(262, tokenizer.size());
    assertArrayEquals(new int[] {257, 33, 258, 261}, tokenizer.encode("two words it's 1"));
    assertArrayEquals(new int[] {259}, tokenizer.encode("\u00e9"));
    assertArrayEquals(new byte[] {(byte) 0xF0, (byte) 0x9F}, tokenizer.bytes(260));
    assertArrayEquals(new byte[0], tokenizer.bytes(0));
    assertArrayEquals(new int[] {61, 116, 63}, tokenizer.encode("<s>"));
  }

  /** The same tokens in both forms are the same tokenizer. */
  @Test
  void bothFormsAreOneTokenizer() throws IOException {
    String text = "two words it's \u00e9\ud83e\udd9c";
    Path literals = SmallVocabulary.writeLiterals(folder, "b'two words'", "b\"it's\"");
    Path lines = SmallVocabulary.write(folder, "257 'two words' 9", "258 \"it's\" 4");
    assertArrayEquals(
        WorldTokenizer.read(lines).encode(text), WorldTokenizer.read(literals).encode(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          b''            | the literal is empty
          b'a'           | token 257 has the same bytes as token 98
          ab             | does not begin with a quote
          257 'ab' 2     | does not begin with a quote
          b'ab"          | does not end with the quote
          b'a\\q'      | \\q is no escape
          """)
  void malformedLiteralsAreNamedWithFileAndNumber(String line, String problem) throws IOException {
    Path file = SmallVocabulary.writeLiterals(folder, line.strip());
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.startsWith("vocabulary " + file + ": line 258: "), message);
    assertTrue(message.contains(problem), message);
  }

  @Test
  void theFirstLiteralEndsTexts() throws IOException {
    Path file = SmallVocabulary.writeLiterals(folder, "b'ab'");
    Files.writeString(file, Files.readString(file).replaceFirst("b'<s>'\n", ""));
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.contains("line 1: it is the end-of-text token's, such as b'<s>'"), message);
  }

  @Test
  void aByteOrderMarkIsForgiven() throws IOException {
    for (Path file :
        List.of(
            SmallVocabulary.write(folder, "257 'ab' 2"),
            SmallVocabulary.writeLiterals(folder, "b'ab'"))) {
      Files.writeString(file, "\ufeff" + Files.readString(file).replace("\n", "\r\n"));
      assertArrayEquals(new int[] {257}, WorldTokenizer.read(file).encode("ab"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "UTF-8    | Once upon a time      | a text",
        "UTF-8    | before a time         | a text",
        "UTF-8    | {\"0\": \"<s>\"}        | JSON",
        "UTF-8    | [PAD]                 | a text",
        "UTF-8    | GGUF\u0003\0\0\0x          | a GGUF model of llama.cpp",
        "UTF-8    | GGUF                  | a text",
        "UTF-8    | <!DOCTYPE html>       | a web page (download the file itself)",
        "UTF-16   | 1 'a' 1               | a UTF-16 text",
        "UTF-16LE | 1 'a' 1               | a UTF-16LE text without a byte order mark"
      })
  void whatIsNoVocabularyIsNamed(String charset, String content, String kind) throws IOException {
    Path file = folder.resolve("vocabulary.txt");
    Files.writeString(file, content, Charset.forName(charset));
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(
        message.startsWith(
            "vocabulary %s: is %s, not a vocabulary: wanted rwkv_vocab_v20230424.txt"
                .formatted(file, kind)),
        message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void emptyLinesAreMalformed() throws IOException {
    Path file = SmallVocabulary.write(folder, "", "258 'ab' 2");
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.contains("line 257: it does not have the three fields"), message);
  }

  @Test
  void invalidUtf8IsMalformed() throws IOException {
    Path file = SmallVocabulary.write(folder, "257 'a?' 2");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 5] = (byte) 0xE9;
    Files.write(file, bytes);
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.contains("line 257: the literal is not valid UTF-8"), message);
  }

  @Test
  void missingSingleBytesAreNamed() throws IOException {
    Path file = folder.resolve("vocabulary.txt");
    List<String> lines = SmallVocabulary.singleBytes();
    lines.remove(0xFE);
    lines.remove(0x0A);
    Files.write(file, lines);
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(file)).getMessage();
    assertTrue(message.contains("2 of the 256 single bytes have no token"), message);
    assertTrue(message.endsWith(": 0x0a, 0xfe"), message);
  }

  @Test
  void carriageReturnsAndAMissingLastLineEndAreForgiven() throws IOException {
    Path file = SmallVocabulary.write(folder, "257 'ab' 2");
    Files.writeString(file, Files.readString(file).strip().replace("\n", "\r\n"));
    assertArrayEquals(new int[] {257}, WorldTokenizer.read(file).encode("ab"));
  }

  @Test
  void unusedIndicesAreNoTokens() throws IOException {
    WorldTokenizer tokenizer = WorldTokenizer.read(SmallVocabulary.write(folder, "300 'ab' 2"));
    assertEquals(301, tokenizer.size());
    String message = assertThrows(InputException.class, () -> tokenizer.bytes(299)).getMessage();
    assertEquals("token 299 is unused in this vocabulary of size 301", message);
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    Path missing = folder.resolve("none.txt");
    String message =
        assertThrows(InputException.class, () -> WorldTokenizer.read(missing)).getMessage();
    assertEquals("vocabulary " + missing + ": no such file", message);
    assertThrows(InputException.class, () -> WorldTokenizer.read(folder));
  }

  @Test
  void randomChangesGiveAnErrorOfOneLineOrAWorkingTokenizer() throws IOException {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Path file =
        SmallVocabulary.write(
            folder, "257 'ab' 2", "258 \"it's\" 4", "259 '\\u2028é' 5", "260 b'\\xf0\\x9f' 2");
    byte[] good = Files.readAllBytes(file);
    byte[] probe = "it's about ab".getBytes(StandardCharsets.US_ASCII);
    for (int round = 0; round < 1500; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        bad[good.length - 1 - random.nextInt(random.nextBoolean() ? 64 : good.length)] =
            (byte) random.nextInt(256);
      }
      Files.write(
          file, random.nextInt(8) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
      try {
        WorldTokenizer tokenizer = WorldTokenizer.read(file);
        assertArrayEquals(probe, tokenizer.decode(tokenizer.encode(probe)), "seed " + seed);
      } catch (InputException e) {
        assertEquals(1, e.getMessage().lines().count(), "seed " + seed);
      }
    }
  }
}
