package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.SharedData;
import aviary.tokenizer.SmallVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizeTest {
  @TempDir Path folder;
  private Path vocabulary;

  @BeforeEach
  void writeVocabulary() throws IOException {
    vocabulary = SmallVocabulary.write(folder, "257 'Hello' 5", "258 ' world' 6", "259 'é' 2");
  }

  private Run tokenize(String input, String... args) {
    List<String> all = new ArrayList<>(List.of("tokenize", "--vocab", vocabulary.toString()));
    all.addAll(Arrays.asList(args));
    return Run.withInput(input, all.toArray(String[]::new));
  }

  @Test
  void aTextBecomesOneLineOfIds() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "Hello world\n");
    assertEquals(new Run(0, "257 258\n", ""), tokenize("", "Hello world"));
    assertEquals("257 258 11\n", tokenize("Hello world\n").ok().out());
    assertEquals("257 258 11\n", tokenize("not this", "--file=" + file).ok().out());
    assertEquals("{\"ids\":[257,258]}\n", tokenize("", "--json", "Hello world").ok().out());
    assertEquals("\n", tokenize("").ok().out());
  }

  @Test
  void idsBecomeTheBytesOfTheText() throws IOException {
    Path file = Files.writeString(folder.resolve("ids"), "257,258\n");
    assertEquals(new Run(0, "Hello world", ""), tokenize("", "--decode", "257", "258"));
    assertEquals("Hello é", tokenize("257 33 259\n", "--decode").ok().out());
    assertEquals("Hello world", tokenize("", "--decode", "--file", file.toString()).ok().out());
    assertEquals(
        "{\"text\":\"Hello\\n\"}\n", tokenize("", "--decode", "--json", "257,11").ok().out());
  }

  @Test
  void linesBecomeLinesBothWays() throws IOException {
    String texts = "{\"text\":\"Hello world\"}\n{\"text\":\"é\\n\"}\n";
    String ids = "{\"ids\":[257,258]}\n{\"ids\":[259,11]}\n";
    Path file = Files.writeString(folder.resolve("texts.jsonl"), texts);
    assertEquals(ids, tokenize(texts, "--jsonl").ok().out());
    assertEquals(ids, tokenize("", "--jsonl", "--file=" + file).ok().out());
    assertEquals(texts, tokenize(ids, "--jsonl", "--decode").ok().out());
  }

  @Test
  void aBadLineIsNamedAndTheLinesBeforeItStay() throws IOException {
    Path file = Files.writeString(folder.resolve("texts.jsonl"), "{\"text\":\"A\"}\n{}\n");
    Run run = tokenize("", "--jsonl", "--file=" + file);
    assertEquals(2, run.code());
    assertEquals("{\"ids\":[66]}\n", run.out());
    assertEquals(
        "aviary: " + file + ": line 2: wanted an object with the property \"text\"\n", run.err());
  }

  @Test
  void theVocabularyOfAModelIsTaken() throws IOException {
    Path model = SmallModel.byteLevel(folder);
    assertEquals("72 105\n", Run.of("tokenize", "--model=" + model, "Hi").ok().out());
    Path words = SmallModel.ofWords(folder);
    Run.of("tokenize", "--model=" + words, "--vocab=" + vocabulary, "Hi")
        .assertRefused("vocabulary .*: has tokens up to 259 only, but .* 300 rows.*");
    Run.of("tokenize", "Hi").assertRefused("no vocabulary: name rwkv_vocab_v20230424.txt.*");
  }

  @Test
  void badInputIsRefused() {
    tokenize("", "Hello", "world").assertRefused("2 texts: put quotes around one.*");
    tokenize("", "--json", "--jsonl", "a").assertRefused("--json and --jsonl exclude each other.*");
    tokenize("", "--file=" + vocabulary, "a")
        .assertRefused("a text and --file exclude each other.*");
    tokenize("", "--file=" + folder.resolve("none")).assertRefused(".*none: there is no such file");
    tokenize("1 x", "--decode").assertRefused("stdin: 'x' is no token id.*");
    tokenize("1 999999999999", "--decode").assertRefused("stdin: '999999999999' is no token id.*");
    tokenize("", "--decode", "300").assertRefused("token 300 is outside of this vocabulary.*");
    tokenize("", "--decode", "--", "-1").assertRefused("token -1 is outside of this vocabulary.*");
  }

  @Test
  void theCasesOfTheWorldVocabularyComeOut() throws IOException {
    vocabulary = SharedData.file("vocab/rwkv_vocab_v20230424.txt");
    String cases = Files.readString(SharedData.file("golden/tokenizer-cases.jsonl"));
    Run run = tokenize(cases, "--jsonl").ok();
    List<String> ours = run.out().lines().toList();
    List<String> expected = cases.lines().toList();
    assertEquals(expected.size(), ours.size());
    for (int i = 0; i < ours.size(); i++) {
      JsonNode right = JsonMapper.shared().readTree(expected.get(i)).get("ids");
      assertEquals(right, JsonMapper.shared().readTree(ours.get(i)).get("ids"), expected.get(i));
    }
    List<String> back = tokenize(run.out(), "--jsonl", "--decode").ok().out().lines().toList();
    for (int i = 0; i < back.size(); i++) {
      assertEquals(
          JsonMapper.shared().readTree(expected.get(i)).get("text"),
          JsonMapper.shared().readTree(back.get(i)).get("text"));
    }
  }
}
