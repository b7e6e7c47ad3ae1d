package aviary.evaluation.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskLibraryTest {
  private static final String TASK =
      """
      dataset_path: me/things
      output_type: loglikelihood
      test_split: test
      doc_to_text: a
      doc_to_target: b
      """;

  @TempDir private Path folder;

  private static Selection select(String... names) throws IOException {
    return TaskLibrary.read(List.of()).select(List.of(names));
  }

  private static List<String> tasks(Selection selection) {
    return selection.tasks().stream().map(TaskConfig::name).toList();
  }

  private static List<String> groups(Selection selection) {
    return selection.groups().stream().map(GroupConfig::name).toList();
  }

  private void write(String name, String yaml) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, yaml);
  }

  private Selection selectOfMine(String... names) throws IOException {
    return TaskLibrary.read(List.of(folder)).select(Arrays.asList(names));
  }

  private void assertRefused(String message, String... names) {
    InputException e = assertThrows(InputException.class, () -> selectOfMine(names));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @Test
  void thePapersTablesAreGroups() throws IOException {
    assertEquals(
        "lambada_openai, hellaswag, piqa, arc_easy, arc_challenge, winogrande, sciq, copa,"
            + " openbookqa, headqa_en, record",
        String.join(", ", tasks(select("eagle-finch-english"))));
    Selection multilingual = select("eagle-finch-multilingual");
    // LAMBADA in 5 languages, XCOPA 11, XNLI 15, PAWS-X 7, XStoryCloze 11, XWinograd 6.
    assertEquals(5 + 11 + 15 + 7 + 11 + 6, multilingual.tasks().size());
    assertEquals(
        List.of(
            "lambada_multilingual",
            "xcopa",
            "xnli",
            "pawsx",
            "xstorycloze",
            "xwinograd",
            "eagle-finch-multilingual"),
        groups(multilingual));
  }

  @Test
  void aTaskThatIsNamedTwiceRunsOnce() throws IOException {
    Selection selection = select("xcopa_it", "xcopa", "xcopa_*");
    assertEquals("xcopa_it", tasks(selection).getFirst());
    assertEquals(11, selection.tasks().size());
    assertEquals(List.of("xcopa"), groups(selection));
  }

  @Test
  void filesMayIncludeOthersAndReplaceWhatIsBuiltIn() throws IOException {
    write("base/common.yaml", TASK);
    write("base/one.yaml", "include: common.yaml\ntask: one\ntag: mine\n");
    write(
        "two.yaml", "include: base/common.yaml\ntask: two\ntag: [mine, yours]\ntest_split: dev\n");
    write("piqa.yaml", "include: base/common.yaml\ntask: piqa\n");
    write("both.yaml", "group: both\ntask: [two, piqa]\naggregate_metric_list: [{metric: acc}]\n");
    assertEquals(List.of("one", "two"), tasks(selectOfMine("mine")));
    assertEquals(List.of("two"), tasks(selectOfMine("yours")));
    Selection both = selectOfMine("both");
    assertEquals(List.of("two", "piqa"), tasks(both));
    assertEquals(List.of("both"), groups(both));
    assertEquals("dev", both.tasks().get(0).evaluatedSplit());
    assertEquals("me/things", both.tasks().get(1).datasetPath());
  }

  @Test
  void groupsThatHaveNoEndOrNoMembersAreRefused() throws IOException {
    write("a.yaml", "group: a\ntask: [b]\n");
    write("b.yaml", "group: b\ntask: [a]\n");
    assertRefused("the group b has the member a, which contains it again", "a");
    write("b.yaml", "group: b\ntask: [nothing]\n");
    assertRefused("the group b has the member nothing, which there is not", "a");
    write("b.yaml", "group: b\ntask: []\n");
    assertRefused(".*b.yaml: the group b has no task", "a");
  }

  @Test
  void filesThatCannotBeReadAreRefused() throws IOException {
    write("a.yaml", "include: a.yaml\n");
    assertRefused(".*a.yaml: its includes go round in a circle");
    write("a.yaml", "include: none.yaml\n");
    assertRefused(".*none.yaml: is included, but there is no such file");
    write("a.yaml", "- task\n");
    assertRefused(".*a.yaml: wanted a mapping of fields");
    write("a.yaml", "");
    assertRefused(".*a.yaml: wanted a mapping of fields");
    write("a.yaml", TASK + "task: a\ntask: b\n");
    assertRefused(".*a.yaml: line 7: is no valid YAML: .*");
    write("a.yaml", "x: &a [&b [1,1]]\ny: " + "[*a,".repeat(20000));
    assertRefused(".*a.yaml.*: is no valid YAML: .*");
  }
}
