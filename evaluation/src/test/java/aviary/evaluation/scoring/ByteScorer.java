package aviary.evaluation.scoring;

import aviary.agreement.RandomModels;
import aviary.engine.Engine;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.model.Model;
import aviary.tokenizer.ByteTokenizer;
import java.util.List;

/** Scorers of a random model whose tokens are bytes, and texts for them. */
final class ByteScorer {
  static final Model MODEL = RandomModels.ofBytes().model();

  static final List<Request> CHOICES =
      List.of(
          new Loglikelihood("The cat sat on", " a mat"),
          new Loglikelihood("The cat sat on", " a map"),
          new Loglikelihood("The cat sat on", " the floor"),
          new Loglikelihood("The cat sat on", " a mat and slept"),
          new Loglikelihood("The dog", " barked"),
          new Loglikelihood("", "The dog"),
          new Loglikelihood("The dog  \n", "ran"),
          new Loglikelihood("The cat sat on", " a mat"));

  static Scorer scorer(Engine engine, int batch, boolean share, int maxLength) {
    return new Scorer(
        engine, new ByteTokenizer(), new ScoringOptions(batch, share, maxLength), _ -> {});
  }

  private ByteScorer() {}
}
