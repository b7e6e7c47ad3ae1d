package aviary.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class WorldTokenizerTest {
  private static WorldTokenizer published() throws IOException {
    return WorldTokenizer.read(SharedData.file("vocab/" + Tokenizers.FILE_NAME));
  }

  @Test
  void takesTheLongestTokenAtEachPlace() {
    WorldTokenizer tokenizer = SmallVocabulary.of("ab", "abcd", "cd", "bcde");
    // "abc" ends no token: back to "ab", and "c" stands alone.
    assertArrayEquals(new int[] {257, 'c' + 1}, tokenizer.encode("abc"));
    assertArrayEquals(new int[] {258, 'e' + 1}, tokenizer.encode("abcde"));
    assertArrayEquals(new int[] {257, 258, 259}, tokenizer.encode("ababcdcd"));
  }

  @Test
  void agreesWithTheGoldenCases() throws IOException {
    var cases = SharedData.file("golden/tokenizer-cases.jsonl");
    WorldTokenizer tokenizer = published();
    ObjectMapper json = new ObjectMapper();
    int count = 0;
    for (String line : Files.readAllLines(cases)) {
      JsonNode node = json.readTree(line);
      String text = node.get("text").asString();
      int[] ids =
          IntStream.range(0, node.get("ids").size())
              .map(i -> node.get("ids").get(i).asInt())
              .toArray();
      assertArrayEquals(ids, tokenizer.encode(text), text);
      assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), tokenizer.decode(ids), text);
      count++;
    }
    assertTrue(count > 300, "cases: " + count);
  }

  @Test
  void encodesTheLambadaTextsToTheKnownNumberOfTokens() throws IOException {
    var texts = SharedData.file("data/lambada_openai/default/test.jsonl");
    WorldTokenizer tokenizer = published();
    ObjectMapper json = new ObjectMapper();
    int tokens = 0;
    for (String line : Files.readAllLines(texts)) {
      tokens += tokenizer.encode(json.readTree(line).get("text").asString()).length;
    }
    assertEquals(408_657, tokens);
  }

  @Test
  void everyTokenOfThePublishedVocabularyEncodesToItself() throws IOException {
    WorldTokenizer tokenizer = published();
    assertEquals(65_530, tokenizer.size());
    for (int token = 1; token < tokenizer.size(); token++) {
      assertArrayEquals(new int[] {token}, tokenizer.encode(tokenizer.bytes(token)));
    }
  }

  @Test
  void anyBytesComeBack() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    WorldTokenizer tokenizer = SmallVocabulary.of("aa", "aaaa", "ab", "ba", "bab", "  ", "\n\n");
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (round % 2 == 0) {
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) "ab \n".charAt(bytes[i] & 3);
        }
      }
      int[] tokens = tokenizer.encode(bytes);
      assertArrayEquals(bytes, tokenizer.decode(tokens), "seed " + seed);
      assertTrue(Arrays.stream(tokens).noneMatch(t -> t == tokenizer.endOfText()), "seed " + seed);
    }
  }

  @Test
  void anEmptyTextHasNoTokens() {
    assertEquals(0, SmallVocabulary.of().encode("").length);
  }

  @Test
  void endOfTextStandsForNoBytes() {
    WorldTokenizer tokenizer = SmallVocabulary.of("ab");
    assertEquals(0, tokenizer.bytes(0).length);
    assertTrue(tokenizer.endsText(0));
    assertArrayEquals(
        "ab".getBytes(StandardCharsets.US_ASCII), tokenizer.decode(new int[] {0, 257, 0}));
  }

  @Test
  void unpairedSurrogatesAreAnError() {
    WorldTokenizer tokenizer = SmallVocabulary.of();
    for (String text : new String[] {"a\uD83D", "\uD83Dx", "ab\uDE00", "\uDE00\uD83D"}) {
      assertThrows(InputException.class, () -> tokenizer.encode(text));
    }
    assertArrayEquals(
        "\uD83D\uDE00".getBytes(StandardCharsets.UTF_8),
        tokenizer.decode(tokenizer.encode("\uD83D\uDE00")));
  }

  @Test
  void idsThatAreNoTokensAreNamed() {
    WorldTokenizer tokenizer = SmallVocabulary.of("ab", "cd");
    for (int id : new int[] {-1, 259, 65536, Integer.MAX_VALUE}) {
      assertFalse(tokenizer.contains(id));
      String message =
          assertThrows(InputException.class, () -> tokenizer.decode(new int[] {id})).getMessage();
      assertEquals("token %d is outside of this vocabulary of size 259".formatted(id), message);
      assertThrows(InputException.class, () -> tokenizer.bytes(id));
    }
  }
}
