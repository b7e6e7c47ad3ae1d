package aviary.evaluation.task;

import aviary.evaluation.template.Template;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is done to a data set's documents first: {@code process_docs}, which in
 * lm-evaluation-harness is a Python function. Here it is data: a condition that leaves documents
 * out, and columns to add or replace.
 *
 * @param where documents for which this is false are left out; null keeps all
 * @param columns names and values, each of which sees the columns before it
 */
public record Preparation(Template where, Map<String, Template> columns) {

  /** Leaves all as it is. */
  public static final Preparation NONE = new Preparation(null, Map.of());

  /**
   * Reads {@code process_docs}, if it is there.
   *
   * @throws aviary.InputException if a field of it is not known or has the wrong type
   */
  static Preparation read(Fields of) {
    if (!of.has("process_docs")) {
      return Preparation.NONE;
    }
    Fields process = of.mapping("process_docs");
    process.requireKnown(List.of("where", "columns"));
    Map<String, Template> columns = new LinkedHashMap<>();
    if (process.has("columns")) {
      Fields named = process.mapping("columns");
      named.values().keySet().forEach(name -> columns.put(name, named.template(name)));
    }
    return new Preparation(process.template("where"), columns);
  }

  /** The document as the task sees it; null if it is left out. */
  public Map<String, Object> apply(Map<String, Object> document) {
    if (where != null && !Boolean.TRUE.equals(where.value(document))) {
      return null;
    }
    if (columns.isEmpty()) {
      return document;
    }
    Map<String, Object> prepared = new LinkedHashMap<>(document);
    columns.forEach((name, template) -> prepared.put(name, template.valueOrText(prepared)));
    return prepared;
  }
}
