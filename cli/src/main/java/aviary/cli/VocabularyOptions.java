package aviary.cli;

import aviary.tokenizer.Tokenizer;
import aviary.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which vocabulary to use. */
final class VocabularyOptions {
  @Option(
      names = "--vocab",
      paramLabel = "FILE",
      description = {
        "The World vocabulary: " + Tokenizers.FILE_NAME + ", or vocab.txt of Hugging Face.",
        "Without it: what AVIARY_VOCAB names, or a file of these names beside the model. Models"
            + " with 256 embeddings are byte-level and need none."
      })
  private Path vocabulary;

  /**
   * The tokenizer of a model.
   *
   * @param model the model's file or folder
   * @param embeddings the rows of its embedding
   */
  Tokenizer of(Path model, int embeddings) throws IOException {
    return Tokenizers.find(model, embeddings, vocabulary, System.getenv(Tokenizers.VARIABLE));
  }

  /** The tokenizer where no model is named. */
  Tokenizer withoutModel() throws IOException {
    return Tokenizers.find(vocabulary, System.getenv(Tokenizers.VARIABLE));
  }
}
