package aviary.evaluation.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.text.TextFile;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the reference, whose tokens are bytes here. */
class LossByPositionTest {
  private static final Model MODEL = RandomModels.ofBytes().model();

  @TempDir private Path folder;

  /** Of each byte of a text, one after the other, from the token that stands between texts. */
  private static List<Double> losses(String text) {
    List<Double> losses = new ArrayList<>();
    int before = 0;
    try (Engine engine = ReferenceBackend.engine(MODEL);
        State state = engine.newState()) {
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        Logits logits = engine.forward(Batch.of(Batch.Sequence.last(state, before)));
        before = b & 0xff;
        double total = 0;
        for (float logit : logits.row(0)) {
          total += Math.exp(logit);
        }
        losses.add(Math.log(total) - logits.row(0)[before]);
      }
    }
    return losses;
  }

  private LossByPosition run(Path file, Double texts, int tokens) throws IOException {
    try (Engine engine = ReferenceBackend.engine(MODEL)) {
      LossByPosition losses = new LossByPosition(engine, new ByteTokenizer(), _ -> {});
      try (TextFile opened = LossByPosition.open(file)) {
        losses.run(opened, texts, tokens);
      }
      return losses;
    }
  }

  private static String row(String range, List<Double> losses) {
    double mean = losses.stream().mapToDouble(x -> x).average().orElseThrow();
    double squares = losses.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double error = Math.sqrt(squares / (losses.size() - 1) / losses.size());
    return "\\|%s *\\| *%d\\|%.4f\\|± *\\|%.4f\\|".formatted(range, losses.size(), mean, error);
  }

  @Test
  void lossesAreMeansOverPositionsThatDouble() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Files.writeString(file, "{\"text\": \"It was late.\"}\n{\"text\": \"Nobody spoke\"}\n");
    LossByPosition found = run(file, null, 0);
    assertEquals(2, found.texts());
    assertEquals(24, found.tokens());
    List<Double> first = losses("It was late.");
    List<Double> second = losses("Nobody spoke");
    List<String> lines = found.table().lines().toList();
    int[] ends = {1, 2, 4, 8, 13};
    List<String> ranges = List.of("1-1", "2-3", "4-7", "8-15");
    assertEquals(2 + ranges.size(), lines.size(), found.table());
    for (int i = 0; i < ranges.size(); i++) {
      List<Double> its = new ArrayList<>(first.subList(ends[i] - 1, ends[i + 1] - 1));
      its.addAll(second.subList(ends[i] - 1, ends[i + 1] - 1));
      String line = lines.get(2 + i);
      assertTrue(line.matches(row(ranges.get(i), its)), line + row(ranges.get(i), its));
    }
  }

  @Test
  void longTextsRunInPiecesAndMayBeCut() throws IOException {
    String text = "The river ran on. ".repeat(40);
    Path file = Files.writeString(folder.resolve("a.txt"), text);
    assertEquals(text.length(), run(file, null, 0).tokens());
    LossByPosition cut = run(file, null, 300);
    assertEquals(300, cut.tokens());
    String last = cut.table().lines().toList().getLast();
    List<Double> its = losses(text).subList(255, 300);
    assertTrue(last.matches(row("256-511", its)), last + row("256-511", its));
  }

  @Test
  void textsThatAreNoneAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"page\": \"a\"}\n");
    InputException e = assertThrows(InputException.class, () -> run(file, null, 0));
    assertEquals(
        file
            + ": document 1 has no text in the field text, only page; the field with the text has to be called text",
        e.getMessage());
    Files.writeString(file, "{\"text\": \"\"}\n");
    e = assertThrows(InputException.class, () -> run(file, null, 0));
    assertEquals(file + ": there is no text in it", e.getMessage());
  }
}
