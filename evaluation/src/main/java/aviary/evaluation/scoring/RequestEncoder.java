package aviary.evaluation.scoring;

import aviary.InputException;
import aviary.evaluation.task.Request;
import aviary.evaluation.template.PythonText;
import aviary.model.ModelConfig;
import aviary.mqar.GreedyTokens;
import aviary.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Tokens of requests, cut where lm-evaluation-harness cuts them. */
final class RequestEncoder {
  private final Tokenizer tokenizer;
  private final int maxLength;

  /**
   * @param maxLength how many tokens a model is to see at most, which a recurrent one need not be
   *     told; 0 for any number
   */
  RequestEncoder(Tokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
  }

  /**
   * White space at the context's end goes to the continuation. Then the continuation has the tokens
   * of the whole text that are left after as many as the context alone has: it may begin within a
   * token. An empty context is the token that stands between texts.
   *
   * @throws InputException if there is no token to score
   */
  TokenizedText encode(Request.Loglikelihood request) {
    String context = PythonText.stripRight(request.context());
    String continuation = request.context().substring(context.length()) + request.continuation();
    int prefix = tokenizer.endOfText();
    int[] before;
    int[] after;
    if (context.isEmpty()) {
      int[] all = tokenizer.encode(continuation);
      boolean begun = all.length > 0 && all[0] == prefix;
      before = new int[] {prefix};
      after = begun ? Arrays.copyOfRange(all, 1, all.length) : all;
    } else {
      before = tokenizer.encode(context);
      int[] whole = tokenizer.encode(context + continuation);
      after = Arrays.copyOfRange(whole, Math.min(before.length, whole.length), whole.length);
    }
    if (after.length == 0) {
      throw new InputException(
          "there is nothing to score: the continuation is empty behind the context that ends in"
              + " \"%s\"".formatted(end(context)));
    }
    return cut(join(before, after), before.length);
  }

  private TokenizedText cut(int[] tokens, int context) {
    if (maxLength == 0 || tokens.length <= maxLength + 1) {
      return new TokenizedText(tokens, context);
    }
    int gone = tokens.length - (maxLength + 1);
    if (gone >= context) {
      throw new InputException(
          "--max-length %d: a continuation has %d tokens"
              .formatted(maxLength, tokens.length - context));
    }
    return new TokenizedText(Arrays.copyOfRange(tokens, gone, tokens.length), context - gone);
  }

  /**
   * A whole text after the token that stands between texts: in one piece, or in windows of at most
   * so many tokens as the model is to see, each later one with one token of context.
   */
  List<TokenizedText> encode(Request.Rolling request) {
    int[] tokens = tokenizer.encode(request.text());
    if (tokens.length == 0) {
      return List.of(); // As lm-evaluation-harness has it: nothing is as likely as can be.
    }
    int[] whole = join(new int[] {tokenizer.endOfText()}, tokens);
    if (maxLength == 0 || tokens.length <= maxLength) {
      return List.of(new TokenizedText(whole, 1));
    }
    List<TokenizedText> windows = new ArrayList<>();
    for (int done = 0; done < tokens.length; done += maxLength) {
      int end = Math.min(done + maxLength, tokens.length);
      // The last window is as long as the others, with more context.
      int begin = Math.max(0, end - maxLength);
      windows.add(new TokenizedText(Arrays.copyOfRange(whole, begin, end + 1), done - begin + 1));
    }
    return windows;
  }

  /**
   * Tokens as they are.
   *
   * @throws InputException if the model has not all of them, or may not see so many
   */
  GreedyTokens.Question encode(Request.LabelledTokens request, ModelConfig config) {
    int[] tokens = inVocabulary(request.tokens(), config);
    int[] labels = inVocabulary(request.labels(), config);
    if (maxLength != 0 && tokens.length > maxLength) {
      throw new InputException(
          "--max-length %d: a sequence has %d tokens".formatted(maxLength, tokens.length));
    }
    int[] asked =
        IntStream.range(0, labels.length)
            .filter(i -> labels[i] != Request.LabelledTokens.NOTHING)
            .toArray();
    return new GreedyTokens.Question(tokens, asked);
  }

  private static int[] inVocabulary(List<Long> ids, ModelConfig config) {
    for (long id : ids) {
      if (id >= config.vocabulary()) {
        throw new InputException(
            "there is the token %d, and the model has %d: it needs another model"
                .formatted(id, config.vocabulary()));
      }
    }
    return ids.stream().mapToInt(Long::intValue).toArray();
  }

  /** What a text that goes on begins with. */
  int[] encode(Request.Generate request) {
    int[] tokens = tokenizer.encode(request.context());
    return tokens.length == 0 ? new int[] {tokenizer.endOfText()} : tokens;
  }

  private static int[] join(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static String end(String text) {
    return text.substring(Math.max(0, text.length() - 40)).replace("\n", "\\n");
  }
}
