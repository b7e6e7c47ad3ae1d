package aviary.evaluation.compare;

import aviary.evaluation.data.JsonLinesReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Goes through two runs' samples of a task together, document after document. */
final class SamplePairs implements AutoCloseable {

  /** The same document in both. */
  record Pair(Map<String, Object> first, Map<String, Object> second) {}

  private final JsonLinesReader first;
  private final JsonLinesReader second;

  SamplePairs(Path first, Path second) throws IOException {
    this.first = new JsonLinesReader(first);
    this.second = new JsonLinesReader(second);
  }

  /** The next document that both have; null behind the last. */
  Pair next() throws IOException {
    Map<String, Object> a = first.next();
    Map<String, Object> b = second.next();
    while (a != null && b != null) {
      if (Objects.equals(a.get("doc_hash"), b.get("doc_hash"))
          && Objects.equals(a.get("doc_id"), b.get("doc_id"))) {
        return new Pair(a, b);
      }
      if (id(a) <= id(b)) {
        a = first.next();
      } else {
        b = second.next();
      }
    }
    return null;
  }

  private static long id(Map<String, Object> sample) {
    return sample.get("doc_id") instanceof Number id ? id.longValue() : 0;
  }

  @Override
  public void close() throws IOException {
    first.close();
    second.close();
  }
}
