package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code eval} cannot use is told in one line, with exit code 2. */
class EvalBadInputTest {
  @TempDir private Path root;
  private EvalFolder folder;

  @BeforeEach
  void writeModelAndData() throws IOException {
    folder = EvalFolder.in(root);
  }

  private Run eval(String... more) {
    return folder.eval(more);
  }

  @Test
  void badInputIsOneLine() throws IOException {
    eval("--tasks=piq")
        .assertRefused(
            "--tasks piq: there is no such task; did you mean piqa, sciq\\? \\(see: .*list\\)");
    eval("--tasks=piq,piqa,nowhere")
        .assertRefused(
            "--tasks piq: there is no such task; did you mean piqa, sciq\\?; nowhere: there is no"
                + " such task \\(see: .*list\\)");
    eval("--tasks=piqa", "--limit=0").assertRefused("--limit 0: it has to be more than 0: .*");
    eval("--tasks=piqa", "--limit=-2").assertRefused("--limit -2: .*");
    eval("--tasks=piqa", "--num-fewshot=-1").assertRefused("--num-fewshot -1: .*");
    eval("--tasks=piqa", "--num-fewshot=3")
        .assertRefused("--num-fewshot 3: the split train of baber/piqa has 2 documents, .*");
    eval("--tasks=piqa", "--batch-size=0").assertRefused("--batch-size 0: .*");
    eval("--tasks=piqa", "--batch-size=2000000000").assertRefused("--batch-size 2000000000: .*");
    eval("--tasks=list,piqa").assertRefused("--tasks list: .* name it alone");
    eval("--tasks=piqa,loss-by-position").assertRefused("--tasks loss-by-position: .*");
    Run.of(
            "eval",
            "--tasks=piqa",
            "--model=" + folder.model(),
            "--data=" + folder.data(),
            "--bootstrap-iters=-1")
        .assertRefused("--bootstrap-iters -1: .*");
    eval("--tasks=piqa", "--log-samples").assertRefused("--log-samples: --output is missing: .*");
    eval("--tasks=sciq")
        .assertRefused("the data set allenai/sciq \\(test\\) is not in .*data: .* get it from .*");
    eval("--tasks=piqa,sciq,xcopa_it,xcopa_et")
        .assertRefused(
            ".*data lacks 3 splits of the tasks' data sets: allenai/sciq \\(test\\),"
                + " cambridgeltl/xcopa \\(it test, et test\\); get each from .*");
    Run.of("eval", "--tasks=piqa", "--model=" + folder.model())
        .assertRefused("--data is missing: .*");
    Run.of("eval", "--tasks=piqa", "--data=" + folder.data())
        .assertRefused("--model is missing, and story-finch, .* is not here; .*");
    eval().assertRefused("--tasks is missing: .*");
    eval("--tasks=piqa", "--include=" + root.resolve("none"))
        .assertRefused("--include .*none: there is no such file or folder");
  }

  @Test
  void badTaskFilesAreOneLine() throws IOException {
    String begin = "task: t\ndataset_path: baber/piqa\nvalidation_split: validation\n";
    String choice = "output_type: multiple_choice\ndoc_to_choice: '{{[sol1, sol2]}}'\n";
    refused(
        begin + "doc_to_tekst: x\n",
        ".*t.yaml: there is no field doc_to_tekst; did you mean doc_to_text.*");
    refused(
        begin + choice + "doc_to_text: '{{gaol}}'\ndoc_to_target: label\n",
        "task t: document 0: doc_to_text: there is no column \"gaol\"; there is goal, sol1, .*");
    refused(
        begin + choice + "doc_to_text: gaol\ndoc_to_target: label\n",
        "task t: document 0: doc_to_text: there is no column \"gaol\"; there is goal, sol1, .*; did"
            + " you mean goal\\?; a text that is the same for all is written \\{\\{ 'gaol' \\}\\}");
    refused(
        begin + choice.replace("'{{[sol1, sol2]}}'", "sols") + "doc_to_target: label\n",
        "task t: document 0: doc_to_choice: there is no column \"sols\"; .*");
    refused(
        begin + "output_type: loglikelihood\ndoc_to_text: goal\ndoc_to_target: yes_or_no\n",
        "task t: document 0: doc_to_target: there is no column \"yes_or_no\"; .*");
    refused(
        begin + choice + "doc_to_text: '{{goal'\ndoc_to_target: label\n",
        ".*t.yaml: the template of doc_to_text is none: \"\\{\\{\" has no end.*");
    refused(begin + choice, ".*t.yaml: there is no doc_to_target; every task needs it");
    refused(
        begin + "doc_to_text: !function utils.f\n", ".*t.yaml: line 4: !function names Python .*");
    refused(begin + "doc_to_text: [\n", ".*t.yaml: line \\d+: is no valid YAML: .*");
    refused(
        begin + "output_type: choose\ndoc_to_target: x\n",
        ".*t.yaml: output_type is 'choose', wanted loglikelihood, .*");
    refused(
        begin + choice + "doc_to_target: label\nmetric_list:\n  - metric: bleu\n",
        ".*t.yaml: metric_list: there is no metric 'bleu' for such a task; there is acc, .*");
    refused(
        begin + "output_type: multiple_choice\ndoc_to_choice: '{{[]}}'\ndoc_to_target: label\n",
        "task t: document 0 has no choices");
    refused(
        begin
            + "output_type: multiple_choice\ndoc_to_choice: '{{[]}}'\n"
            + "doc_to_target: '{{[].index(goal)}}'\n",
        "task t: document 0 has no choices");
    refused(
        begin + "output_type: loglikelihood\ndoc_to_text: \"{{'x'}}\"\ndoc_to_target: ''\n",
        "task t: documents 0 to 2: there is nothing to score: .*");
  }

  private void refused(String yaml, String message) throws IOException {
    Path file = Files.writeString(root.resolve("t.yaml"), yaml);
    eval("--tasks=t", "--include", file.toString()).assertRefused(message);
  }

  @Test
  void badDataIsNamedWithItsPlace() throws IOException {
    folder.write("piqa/validation.jsonl", "{\"goal\": \"a\"\n");
    eval("--tasks=piqa").assertRefused(".*validation.jsonl: line 1 is not valid JSON: .*");
    folder.write("piqa/validation.jsonl", "");
    eval("--tasks=piqa")
        .assertRefused("task piqa: there is no document in [^\\[]*validation.jsonl");
    Files.delete(folder.data().resolve("piqa/validation.jsonl"));
    folder.write("piqa/validation.parquet", "PAR1 and no more");
    eval("--tasks=piqa").assertRefused(".*validation.parquet: is no Parquet file .*");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedBeforeTheModelRuns() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "x");
    eval("--tasks=piqa", "--output=" + file).assertRefused("--output .*file: .*");
    Path output = Files.createDirectories(root.resolve("read-only"));
    assertTrue(output.toFile().setWritable(false));
    assumeFalse(Files.isWritable(output), "this user may write everywhere");
    eval("--tasks=piqa", "--output=" + output)
        .assertRefused("--output .*read-only: cannot be written: you may not write there");
  }
}
