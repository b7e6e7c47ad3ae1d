package aviary.evaluation.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.data.DataChoice;
import aviary.evaluation.data.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A field that would change what is read or asked is obeyed, or refused by name. */
class FieldsThatMatterTest {
  @TempDir private Path folder;

  private TaskConfig read(String path, String fields) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("t.yaml"),
            """
            task: t
            dataset_path: %s
            test_split: test
            doc_to_text: a
            doc_to_target: b
            %s
            """
                .formatted(path, fields));
    return TaskLibrary.read(List.of(file)).select(List.of("t")).tasks().getFirst();
  }

  private DataChoice files(String path, String options) throws IOException {
    return read(path, "dataset_kwargs: " + options).files();
  }

  private void assertRefused(String message, String path, String fields) {
    InputException e = assertThrows(InputException.class, () -> read(path, fields));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @Test
  void filesAreOneOrSeveralOrBySplit() throws IOException {
    assertEquals(Map.of("train", List.of("a.json")), files("json", "{data_files: a.json}").files());
    assertEquals(
        Map.of("train", List.of("a.json", "b.json")),
        files("me/ds", "{data_files: [a.json, b.json]}").files());
    assertEquals(
        Map.of("test", List.of("a.json"), "dev", List.of("b*", "c")),
        files("me/ds", "{data_files: {test: a.json, dev: ['b*', c]}}").files());
    assertEquals(
        Map.of("test", List.of("a.json")),
        files("json", "{data_files: [{split: test, path: a.json}]}").files());
    String wanted = ".*dataset_kwargs: data_files is .*, wanted a path, a list of paths, or .*";
    for (String bad : List.of("1", "[]", "{test: 1}", "[{split: test}]", "{test: []}")) {
      assertRefused(wanted, "json", "dataset_kwargs: {data_files: %s}".formatted(bad));
    }
  }

  @Test
  void optionsOfTheLoaders() throws IOException {
    assertEquals("v2", files("me/ds", "{data_dir: v2, revision: abc}").folder());
    assertEquals("abc", files("me/ds", "{data_dir: v2, revision: abc}").revision());
    assertEquals(new Reading.Json("data"), files("json", "{field: data}").reading());
    assertEquals(
        new Reading.Csv('\t', List.of("a", "b"), false),
        files("csv", "{delimiter: \"\\t\", column_names: [a, b], header: null}").reading());
    assertEquals(
        new Reading.Text(Reading.Text.Unit.DOCUMENT, null),
        files("text", "{sample_by: document}").reading());
    assertEquals(new Reading.Parquet(), files("parquet", "{}").reading());
    assertEquals(DataChoice.ALL, read("me/ds", "").files());
    assertEquals(
        DataChoice.ALL, files("me/ds", "{trust_remote_code: true, streaming: true, token: x}"));
  }

  @Test
  void otherOptionsCouldChangeWhatIsRead() {
    for (String name : List.of("split", "name", "features", "filters", "columns", "nrows", "qa")) {
      assertRefused(
          ".*dataset_kwargs: %s is not supported, and it could change .*".formatted(name),
          "me/ds",
          "dataset_kwargs: {%s: x}".formatted(name));
    }
    assertRefused(".*: sep is not supported, .*", "json", "dataset_kwargs: {sep: ';'}");
    assertRefused(".*did you mean data_files, .*", "me/ds", "dataset_kwargs: {data_file: x}");
    assertRefused(".*sep is ';;', wanted one character", "csv", "dataset_kwargs: {sep: ;;}");
    assertRefused(".*header is 2, wanted 0, infer or null", "csv", "dataset_kwargs: {header: 2}");
    assertRefused(".*sample_by is 'word', wanted .*", "text", "dataset_kwargs: {sample_by: word}");
  }

  @Test
  void whatWouldDrawTokensIsRefused() throws IOException {
    String wanted = ".*generation_kwargs: %s is .*, wanted .*";
    assertRefused(wanted.formatted("do_sample"), "me/ds", "generation_kwargs: {do_sample: true}");
    // Without do_sample lm-evaluation-harness draws where the temperature is above 0.
    assertRefused(
        wanted.formatted("temperature"), "me/ds", "generation_kwargs: {temperature: 0.7}");
    read("me/ds", "generation_kwargs: {temperature: 0.7, do_sample: false}");
    read("me/ds", "generation_kwargs: {temperature: 0}");
    assertRefused(".*there is no field top_p.*", "me/ds", "generation_kwargs: {top_p: 0.5}");
  }

  @Test
  void anotherLibrarysMetricIsRefusedWhereItIsAnother() throws IOException {
    read("me/ds", "metric_list: [{metric: exact_match, hf_evaluate: true}]");
    String choices = "output_type: multiple_choice\ndoc_to_choice: [a, b]\n";
    read("me/ds", choices + "metric_list: [{metric: acc, hf_evaluate: false}]");
    assertRefused(
        ".*hf_evaluate is True, wanted false.*",
        "me/ds",
        choices + "metric_list: [{metric: f1, hf_evaluate: true}]");
  }

  @Test
  void optionsOfMetricsMatterForGeneratedTextsAlone() throws IOException {
    String choices = "output_type: multiple_choice\ndoc_to_choice: [a, b]\n";
    MetricConfig acc =
        read(
                "me/ds",
                choices + "metric_list: [{metric: acc, ignore_case: true, weight_by_size: true}]")
            .metrics()
            .getFirst();
    assertEquals(Map.of(), acc.options());
    assertRefused(
        ".*there is no field weight_by_size.*",
        "me/ds",
        "metric_list: [{metric: exact_match, weight_by_size: true}]");
  }
}
