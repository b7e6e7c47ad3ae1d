package aviary.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamingDecoderTest {
  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  @Test
  void holdsACharacterBackUntilItsBytesHaveCome() {
    StreamingDecoder decoder = new StreamingDecoder();
    assertEquals("a", decoder.push(hex("61f0")));
    assertEquals("", decoder.push(hex("9f98")));
    assertEquals("\uD83D\uDE00b", decoder.push(hex("8062")));
    assertEquals("", decoder.flush());
  }

  @Test
  void flushShowsThatACharacterWasNotCompleted() {
    StreamingDecoder decoder = new StreamingDecoder();
    assertEquals("", decoder.push(hex("f09f")));
    assertEquals("\uFFFD", decoder.flush());
    assertEquals("a", decoder.push(hex("61")));
  }

  /** What Python's {@code bytes.decode("utf-8", "replace")} gives; # stands for U+FFFD. */
  @ParameterizedTest
  @CsvSource({
    "80,#",
    "c0af,##",
    "e08080,###",
    "eda080,###",
    "f0808080,####",
    "f4908080,####",
    "f5,#",
    "ff,#",
    "e282,#",
    "e28241,#A",
    "f09f9841,#A",
    "c3c3a9,#\u00e9",
    "61e2e282ac,a#\u20ac",
    "f4,#",
    "f48fbfbf,\uDBFF\uDFFF"
  })
  void replacesEachMaximalSubpart(String digits, String text) {
    for (int piece = 1; piece <= 4; piece++) {
      StreamingDecoder decoder = new StreamingDecoder();
      StringBuilder out = new StringBuilder();
      byte[] bytes = hex(digits);
      for (int at = 0; at < bytes.length; at += piece) {
        out.append(decoder.push(Arrays.copyOfRange(bytes, at, Math.min(at + piece, bytes.length))));
      }
      assertEquals(text.replace('#', '\uFFFD'), out.append(decoder.flush()).toString());
    }
  }

  @Test
  void validTextSurvivesAnyCut() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(30); i > 0; i--) {
        int code =
            random.nextInt(
                switch (random.nextInt(3)) {
                  case 0 -> 128;
                  case 1 -> 0x800;
                  default -> 0x110000;
                });
        text.appendCodePoint(code >= 0xD800 && code <= 0xDFFF ? 'x' : code);
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      StreamingDecoder decoder = new StreamingDecoder();
      StringBuilder out = new StringBuilder();
      for (int at = 0; at < bytes.length; ) {
        int to = Math.min(bytes.length, at + random.nextInt(6));
        out.append(decoder.push(Arrays.copyOfRange(bytes, at, to)));
        at = to;
      }
      assertEquals(text.toString(), out + decoder.flush(), "seed " + seed);
    }
  }
}
