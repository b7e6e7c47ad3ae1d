package aviary.evaluation.output;

import aviary.Sha256;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.task.Question;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A document in a file of samples.
 *
 * @param json the line
 * @param hashes of the document, the prompt and the target, one behind the other
 */
public record SampleLine(String json, String hashes) {

  /** Writes a document down. */
  public static SampleLine of(Item item, List<Response> responses, Map<String, Object> scores) {
    Question question = item.question();
    String target = PythonRepr.str(question.target());
    List<Object> filtered = responses.stream().map(SampleLine::value).toList();
    List<Object> asked = new ArrayList<>();
    filtered.forEach(value -> asked.add(List.of(value)));
    String documentHash = Sha256.of(PythonJson.indented(question.document()));
    String promptHash =
        Sha256.of(PythonRepr.str(question.requests().getFirst().arguments().getFirst()));
    String targetHash = Sha256.of(target);

    Map<String, Object> line = new LinkedHashMap<>();
    line.put("doc_id", (long) item.id());
    line.put("doc", question.document());
    line.put("target", target);
    line.put("arguments", arguments(question.requests()));
    line.put("resps", asked);
    line.put("filtered_resps", filtered);
    line.put("filter", "none");
    line.put("metrics", List.copyOf(scores.keySet()));
    line.put("doc_hash", documentHash);
    line.put("prompt_hash", promptHash);
    line.put("target_hash", targetHash);
    line.putAll(scores);
    return new SampleLine(PythonJson.line(line) + "\n", documentHash + promptHash + targetHash);
  }

  private static Map<String, Object> arguments(List<Request> requests) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      Map<String, Object> its = new LinkedHashMap<>();
      List<Object> arguments = requests.get(i).arguments();
      for (int k = 0; k < arguments.size(); k++) {
        its.put("arg_" + k, arguments.get(k));
      }
      all.put("gen_args_" + i, its);
    }
    return all;
  }

  /** As texts, as lm-evaluation-harness has them in these files. */
  private static Object value(Response response) {
    return switch (response) {
      case Response.Likelihood(double sum, boolean greedy) ->
          List.of(PythonRepr.str(sum), PythonRepr.str(greedy));
      case Response.Rolling(double sum) -> PythonRepr.str(sum);
      case Response.Generated(String text) -> text;
      case Response.Tokens(List<Long> tokens) -> tokens;
    };
  }
}
