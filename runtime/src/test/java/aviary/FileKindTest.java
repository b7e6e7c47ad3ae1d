package aviary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.FileKind.Format;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileKindTest {
  @TempDir Path folder;

  private FileKind of(String text, Charset charset) throws IOException {
    return FileKind.of(Files.write(folder.resolve("file"), text.getBytes(charset)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Once upon a time | TEXT | a text",
        "\ufeffOnce upon a time | TEXT | a text",
        "Es w\u00e4r einmal | TEXT | a text",
        "1 '\\x00' 1 | VOCABULARY | a vocabulary",
        "257 b'\\xf0' 1 | VOCABULARY | a vocabulary",
        "b'<s>' | VOCABULARY | a vocabulary",
        "\ufeffb\"'\" | VOCABULARY | a vocabulary",
        "{\"model\": 1} | JSON | JSON",
        "[1, 2] | JSON | JSON",
        "[PAD] | TEXT | a text",
        "{so it goes} | TEXT | a text",
        "GGUF\u0003\0\0\0x | OTHER | a GGUF model of llama.cpp",
        "PAR1\u0015x | PARQUET | a Parquet file",
        "%PDF-1.7 | OTHER | a PDF document",
        "<!DOCTYPE html><html> | WEB_PAGE | a web page (download the file itself)",
        "<HTML><head> | WEB_PAGE | a web page (download the file itself)"
      })
  void namesTextsAndMarks(String text, Format format, String title) throws IOException {
    FileKind kind = of(text, StandardCharsets.UTF_8);
    assertEquals(format, kind.format());
    assertEquals(title, kind.described());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GGUF",
        "GGUF is a format.",
        "GGUF\nGGML\n",
        "PAR1",
        "PAR1 is a mark.",
        "PK is no zip.",
        "BZh9, well",
        "ARROW1 and ARROW2",
        "%PDF-1.7 is a version.",
        "fmgg and lmgg are read from the right",
        "GIF89a is older than PNG.",
        "SQLite format 3 is a name.",
        "Rar! said the crow",
        "ustar",
        "MMIDIDX",
        "version https://git-lfs.github.com/spec/v1 is the first line of a pointer.",
      })
  void textsAboutFormatsAreTexts(String text) throws IOException {
    assertEquals(Format.TEXT, of(text, StandardCharsets.UTF_8).format());
  }

  @Test
  void aTextWithTheMarkOfATarInItsMiddleIsAText() throws IOException {
    assertEquals(
        Format.TEXT, of("x".repeat(257) + "ustar, he said", StandardCharsets.UTF_8).format());
  }

  @Test
  void whatMayContainAFileSaysHowToGetIt() throws IOException {
    assertEquals(
        "a file compressed with gzip (gunzip unpacks it)",
        of("\u001f\u008b\b", StandardCharsets.ISO_8859_1).described());
    assertEquals("a UTF-16 text", of("Hi", StandardCharsets.UTF_16).described());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE"})
  void namesUtf16WithAndWithoutAByteOrderMark(String charset) throws IOException {
    for (String text : new String[] {"Once upon a time", "1 '\\x00' 1\n", "x".repeat(1000)}) {
      String title =
          charset.equals("UTF-16")
              ? "a UTF-16 text"
              : "a %s text without a byte order mark".formatted(charset);
      assertEquals(title, of(text, Charset.forName(charset)).title());
    }
  }

  @Test
  void namesFilesOfTensors() throws IOException {
    assertEquals(Format.SAFETENSORS, of("\2\0\0\0\0\0\0\0{}", StandardCharsets.UTF_8).format());
    assertEquals(Format.SAFETENSORS, of("\4\0\0\0\0\0\0\0\n {}", StandardCharsets.UTF_8).format());
    assertEquals(Format.TORCH, of("PK\3\4 archive/data.pkl", StandardCharsets.UTF_8).format());
    assertEquals(Format.TORCH, of("\u0080\2\u008a\nl", StandardCharsets.ISO_8859_1).format());
  }

  @Test
  void anUnknownBinaryAndAnEmptyFileAreNamed() throws IOException {
    assertEquals(Format.UNKNOWN, of("a\1\2\3", StandardCharsets.UTF_8).format());
    assertEquals(Format.BINARY, of("a\1\2\3".repeat(9), StandardCharsets.UTF_8).format());
    assertEquals(Format.UNKNOWN, of("\u00e9\u00e9", StandardCharsets.ISO_8859_1).format());
    assertEquals(Format.EMPTY, of("", StandardCharsets.UTF_8).format());
  }

  @Test
  void aCharacterThatIsCutOffIsNoDamage() throws IOException {
    for (int before = 505; before < 513; before++) {
      String text = "x".repeat(before) + "\ud83e\udd9c".repeat(10);
      assertEquals("a text", of(text, StandardCharsets.UTF_8).title());
    }
    assertTrue(of("x\u00c3", StandardCharsets.ISO_8859_1).format() == Format.UNKNOWN);
  }
}
