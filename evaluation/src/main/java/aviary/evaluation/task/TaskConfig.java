package aviary.evaluation.task;

import aviary.evaluation.data.DataChoice;
import aviary.evaluation.data.DataFolder.Wanted;
import aviary.evaluation.data.Documents;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A task file, read and checked. Names are lm-evaluation-harness's.
 *
 * @param name the task's name
 * @param alias what tables call it
 * @param tags other names for it and its kin
 * @param datasetPath the hub's name of the data set; null if the task makes its documents
 * @param datasetName its configuration, or null
 * @param files which of the data set's files are read, and how
 * @param trainingSplit where examples come from, or null
 * @param validationSplit which is evaluated where there is no test split; or null
 * @param testSplit which is evaluated; or null
 * @param made the documents, if the task makes them itself and reads none; else null
 * @param outputType what is asked of the model
 * @param preparation of the documents
 * @param text the context
 * @param target the answer
 * @param choice the choices, or null
 * @param results how a document is scored
 * @param description stands before all; never null
 * @param prefix what the answer is made to begin with, or null
 * @param targetDelimiter stands between context and answer
 * @param fewshotDelimiter stands behind a solved example
 * @param fewshot how examples are chosen
 * @param numFewshot how many, or null
 * @param metrics what is reported
 * @param generation how texts are generated
 * @param version a number, or the text {@code Yaml} where the file has none
 * @param fields all that the file says, in lm-evaluation-harness's order, with its defaults
 */
public record TaskConfig(
    String name,
    String alias,
    List<String> tags,
    String datasetPath,
    String datasetName,
    DataChoice files,
    String trainingSplit,
    String validationSplit,
    String testSplit,
    Documents made,
    OutputType outputType,
    Preparation preparation,
    DocumentField text,
    DocumentField target,
    DocumentField choice,
    ResultRule results,
    String description,
    DocumentText prefix,
    String targetDelimiter,
    String fewshotDelimiter,
    FewshotConfig fewshot,
    Integer numFewshot,
    List<MetricConfig> metrics,
    GenerationSettings generation,
    Object version,
    Map<String, Object> fields) {

  /** What the task reads of a split. */
  public Wanted wanted(String split) {
    return new Wanted(datasetPath, datasetName, split, files);
  }

  /** The split whose documents are evaluated. */
  public String evaluatedSplit() {
    return testSplit != null ? testSplit : validationSplit;
  }

  /** The split that solved examples are taken from. */
  public String fewshotSplit() {
    if (fewshot.split() != null) {
      return fewshot.split();
    }
    return trainingSplit != null ? trainingSplit : evaluatedSplitOrValidation();
  }

  private String evaluatedSplitOrValidation() {
    return validationSplit != null ? validationSplit : testSplit;
  }

  /** Whether solved examples stand in the task file. */
  public boolean hasOwnExamples() {
    return fewshot.samples() != null && fewshot.split() == null;
  }

  /** What is done to solved examples first. */
  public Preparation examplePreparation() {
    return fewshot.split() != null ? fewshot.preparation() : preparation;
  }

  /**
   * Whether one more example is drawn, and the evaluated document left out. lm-evaluation-harness
   * compares the names in the task file: two that are missing are equal, whichever splits stand in
   * for them.
   */
  public boolean leavesOutEvaluated() {
    return Objects.equals(fewshot.split(), testSplit);
  }

  /** Whether a document can be one of its own examples, with its answer. */
  public boolean mayShowItsAnswer() {
    return !hasOwnExamples()
        && !leavesOutEvaluated()
        && Objects.equals(fewshotSplit(), evaluatedSplit());
  }
}
