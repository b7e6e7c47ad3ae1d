package aviary.evaluation.scoring;

import aviary.InputException;
import aviary.engine.Engine;
import aviary.evaluation.task.GenerationSettings;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.mqar.GreedyTokens;
import aviary.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/** Answers requests with a model. For one thread, which is the engine's. */
public final class Scorer implements AutoCloseable {
  private final Engine engine;
  private final Tokenizer tokenizer;
  private final ScoringOptions options;
  private final RequestEncoder encoder;
  private final LongConsumer progress;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("logits").factory());
  private long tokens;

  /**
   * @param tokenizer null where no request has a text
   * @param progress is told after each batch how many tokens have been run in all
   */
  public Scorer(Engine engine, Tokenizer tokenizer, ScoringOptions options, LongConsumer progress) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.options = options;
    this.progress = progress;
    encoder = new RequestEncoder(tokenizer, options.maxLength());
  }

  /** How many tokens the model has run. */
  public long tokens() {
    return tokens;
  }

  /** Requests with their tokens, which can be made while others run. */
  public static final class Encoded {
    private final List<Request> requests;
    private final List<TokenizedText> texts = new ArrayList<>();

    /** For each request how many texts it has. */
    private final List<Integer> counts = new ArrayList<>();

    private final List<int[]> prompts = new ArrayList<>();
    private final List<GenerationSettings> settings = new ArrayList<>();
    private final List<GreedyTokens.Question> labelled = new ArrayList<>();

    private Encoded(List<Request> requests) {
      this.requests = requests;
    }
  }

  /**
   * Makes tokens of requests; any thread may do so.
   *
   * @throws InputException if one has nothing to score
   */
  public Encoded encode(List<Request> requests) {
    Encoded encoded = new Encoded(List.copyOf(requests));
    for (Request request : requests) {
      switch (request) {
        case Request.Loglikelihood pair -> {
          encoded.texts.add(encoder.encode(pair));
          encoded.counts.add(1);
        }
        case Request.Rolling rolling -> {
          List<TokenizedText> windows = encoder.encode(rolling);
          encoded.texts.addAll(windows);
          encoded.counts.add(windows.size());
        }
        case Request.Generate generate -> {
          encoded.prompts.add(encoder.encode(generate));
          encoded.settings.add(generate.settings());
          encoded.counts.add(0);
        }
        case Request.LabelledTokens labelled -> {
          encoded.labelled.add(encoder.encode(labelled, engine.config()));
          encoded.counts.add(0);
        }
      }
    }
    return encoded;
  }

  /**
   * Answers requests, in their order.
   *
   * @throws InputException if the model's logits are no numbers
   */
  public List<Response> answer(Encoded encoded) {
    TreeRun run =
        new TreeRun(engine, encoded.texts, options.batchSize(), reader, this::countTokens);
    try {
      run.run(options.share() ? PrefixTree.of(encoded.texts) : PrefixTree.unshared(encoded.texts));
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    Iterator<String> said = generate(encoded).iterator();
    Iterator<int[]> greedy =
        new GreedyTokens(engine, options.batchSize(), this::countTokens)
            .of(encoded.labelled)
            .iterator();
    List<Response> responses = new ArrayList<>();
    int text = 0;
    for (int i = 0; i < encoded.requests.size(); i++) {
      int count = encoded.counts.get(i);
      switch (encoded.requests.get(i)) {
        case Request.Loglikelihood _ ->
            responses.add(new Response.Likelihood(run.sum(text), run.isGreedy(text)));
        case Request.Rolling _ -> {
          double sum = 0;
          for (int window = text; window < text + count; window++) {
            sum += run.sum(window);
          }
          responses.add(new Response.Rolling(sum));
        }
        case Request.Generate _ -> responses.add(new Response.Generated(said.next()));
        case Request.LabelledTokens _ ->
            responses.add(
                new Response.Tokens(Arrays.stream(greedy.next()).asLongStream().boxed().toList()));
      }
      text += count;
    }
    return responses;
  }

  /** {@link #encode} and {@link #answer}. */
  public List<Response> answer(List<Request> requests) {
    return answer(encode(requests));
  }

  private List<String> generate(Encoded encoded) {
    return new GreedyRun(engine, tokenizer, options, this::countTokens)
        .run(encoded.prompts, encoded.settings);
  }

  private void countTokens(int more) {
    tokens += more;
    progress.accept(tokens);
  }

  @Override
  public void close() {
    reader.close();
  }
}
