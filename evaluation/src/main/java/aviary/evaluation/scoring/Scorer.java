package aviary.evaluation.scoring;

import aviary.ExclusiveUse;
import aviary.InputException;
import aviary.engine.Engine;
import aviary.evaluation.task.GenerationSettings;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.mqar.GreedyTokens;
import aviary.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Answers requests with a model. One thread at a time may ask it, and with it the engine: a call
 * while another runs, and one after {@link #close}, throw an {@link IllegalStateException}.
 */
public final class Scorer implements AutoCloseable {
  private final ExclusiveUse use =
      new ExclusiveUse("scorer", "give each thread a scorer and an engine of its own");
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

  /** Is told of answers as they come, on the thread that asks. */
  public interface ResponseListener {

    /** Nobody. */
    ResponseListener NOBODY = (_, _) -> {};

    /**
     * @param request its position
     * @param response the answer
     */
    void answer(int request, Response response);
  }

  /**
   * Answers requests, in their order.
   *
   * @param known for each request its answer, or null if it is not known. The batches of those that
   *     are not stay of the shape that they have if nothing is known, so that the answers are the
   *     same to the last digit.
   * @param answered is told of each answer that was not known: after each batch of those that it
   *     completes; of generated texts at the end
   * @throws InputException if the model's logits are no numbers
   */
  public List<Response> answer(Encoded encoded, List<Response> known, ResponseListener answered) {
    use.begin();
    try {
      Run run = new Run(encoded, known, answered);
      run.score();
      run.label();
      run.generate();
      return List.of(run.responses);
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      use.end();
    }
  }

  /** Requests that are being answered. */
  private final class Run {
    private final Encoded encoded;
    private final ResponseListener answered;
    private final Response[] responses;

    Run(Encoded encoded, List<Response> known, ResponseListener answered) {
      this.encoded = encoded;
      this.answered = answered;
      responses = known.toArray(Response[]::new);
    }

    private void answer(int request, Response response) {
      if (responses[request] == null) {
        responses[request] = response;
        answered.answer(request, response);
      }
    }

    /** Positions of the requests of a kind. */
    private int[] requests(Class<? extends Request> kind) {
      return IntStream.range(0, responses.length)
          .filter(i -> kind.isInstance(encoded.requests.get(i)))
          .toArray();
    }

    void score() {
      int[] requestOf = new int[encoded.texts.size()];
      int[] firstText = new int[responses.length];
      int[] left = new int[responses.length];
      BitSet scored = new BitSet();
      int text = 0;
      for (int i = 0; i < responses.length; i++) {
        firstText[i] = text;
        left[i] = encoded.counts.get(i);
        Arrays.fill(requestOf, text, text + left[i], i);
        scored.set(text, text + left[i], responses[i] != null);
        text += left[i];
        if (left[i] == 0 && encoded.requests.get(i) instanceof Request.Rolling) {
          answer(i, new Response.Rolling(0));
        }
      }
      double[] sums = new double[requestOf.length];
      TreeRun.Listener listener =
          new TreeRun.Listener() {
            @Override
            public void tokens(int count) {
              countTokens(count);
            }

            @Override
            public void scored(int text, double sum, boolean greedy) {
              int request = requestOf[text];
              sums[text] = sum;
              left[request]--;
              if (encoded.requests.get(request) instanceof Request.Loglikelihood) {
                answer(request, new Response.Likelihood(sum, greedy));
              } else if (left[request] == 0) {
                int first = firstText[request];
                answer(request, rolling(sums, first, first + encoded.counts.get(request)));
              }
            }
          };
      new TreeRun(engine, encoded.texts, scored, options.batchSize(), reader, listener)
          .run(options.share() ? PrefixTree.of(encoded.texts) : PrefixTree.unshared(encoded.texts));
    }

    /** Of a text in windows, whose sums are added in their order. */
    private static Response rolling(double[] sums, int begin, int end) {
      double sum = 0;
      for (int window = begin; window < end; window++) {
        sum += sums[window];
      }
      return new Response.Rolling(sum);
    }

    void label() {
      int[] requests = requests(Request.LabelledTokens.class);
      BitSet known = new BitSet();
      for (int i = 0; i < requests.length; i++) {
        known.set(i, responses[requests[i]] != null);
      }
      new GreedyTokens(engine, options.batchSize(), Scorer.this::countTokens)
          .run(
              encoded.labelled,
              known,
              (i, tokens) ->
                  answer(
                      requests[i],
                      new Response.Tokens(Arrays.stream(tokens).asLongStream().boxed().toList())));
    }

    void generate() {
      int[] requests = requests(Request.Generate.class);
      if (Arrays.stream(requests).allMatch(i -> responses[i] != null)) {
        return;
      }
      List<String> said =
          new GreedyRun(engine, tokenizer, options, Scorer.this::countTokens)
              .run(encoded.prompts, encoded.settings);
      for (int i = 0; i < requests.length; i++) {
        answer(requests[i], new Response.Generated(said.get(i)));
      }
    }
  }

  /** {@link #encode} and {@link #answer}, of which nobody is told. */
  public List<Response> answer(List<Request> requests) {
    return answer(
        encode(requests), Collections.nCopies(requests.size(), null), ResponseListener.NOBODY);
  }

  private void countTokens(int more) {
    tokens += more;
    progress.accept(tokens);
  }

  /**
   * Ends its thread. A second call does nothing.
   *
   * @throws IllegalStateException if it answers requests; it stays open
   */
  @Override
  public void close() {
    use.close();
    reader.close();
  }
}
