package aviary.evaluation.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the model is asked. */
public sealed interface Request {

  /** What a log of samples calls the arguments, in their order. */
  List<Object> arguments();

  /**
   * How likely a continuation is.
   *
   * @param context what stands before it; may be empty
   * @param continuation the text to be scored
   */
  record Loglikelihood(String context, String continuation) implements Request {
    @Override
    public List<Object> arguments() {
      return List.of(context, continuation);
    }
  }

  /**
   * How likely a whole text is.
   *
   * @param text from its beginning
   */
  record Rolling(String text) implements Request {
    @Override
    public List<Object> arguments() {
      return List.of(text);
    }
  }

  /**
   * Which token comes behind some of the tokens.
   *
   * @param tokens ids
   * @param labels as many: what has to come behind the token, or {@value #NOTHING} where nothing is
   *     asked
   */
  record LabelledTokens(List<Long> tokens, List<Long> labels) implements Request {
    /** The label of tokens behind which nothing is asked. */
    public static final long NOTHING = -1;

    @Override
    public List<Object> arguments() {
      return List.of(tokens, labels);
    }
  }

  /**
   * What the model says next.
   *
   * @param context what stands before
   * @param settings when it ends
   */
  record Generate(String context, GenerationSettings settings) implements Request {
    @Override
    public List<Object> arguments() {
      Map<String, Object> options = new LinkedHashMap<>();
      options.put("until", settings.until());
      options.put("max_gen_toks", (long) settings.maxTokens());
      options.put("do_sample", false);
      return List.of(context, options);
    }
  }
}
