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
  void loopsOfLinksInAnIncludedFolderEnd() throws IOException {
    write("sub/a.yaml", "task: mine\n" + TASK);
    Files.createSymbolicLink(folder.resolve("sub/loop"), folder);
    Files.createSymbolicLink(folder.resolve("self.yaml"), Path.of("self.yaml"));
    assertEquals(List.of("mine"), tasks(selectOfMine("mine")));
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
    assertRefused(".*b.yaml: the group b has the member a, which contains it again", "a");
    write("b.yaml", "group: b\ntask: [nothing]\n");
    assertRefused(".*b.yaml: the group b has the member nothing, which does not exist", "a");
    write("b.yaml", "group: b\ntask: []\n");
    assertRefused(".*b.yaml: the group b has no task", "a");
    write("b.yaml", "group: b\ntask: [1]\n");
    assertRefused(".*b.yaml: the group b has the member 1, wanted a name or a mapping", "a");
    write("b.yaml", "group: b\ntask: [{num_fewshot: 2}]\n");
    assertRefused(".*b.yaml: a member of b: there is neither a task nor a group in it", "a");
  }

  @Test
  void aFileThatCannotBeUsedStopsOnlyItself() throws IOException {
    write("good.yaml", TASK + "task: good\ntag: mine\n");
    write("filter.yaml", TASK + "task: filter\nfilter_list: [{name: x}]\n");
    write("python.yaml", TASK + "task: python\nprocess_docs: !function utils.docs\n");
    write("lost.yaml", TASK + "task: lost\ninclude: none.yaml\n");
    write("circle.yaml", TASK + "task: circle\ninclude: circle.yaml\n");
    write("list.yaml", "- task\n");
    write("empty.yaml", "");
    write("broken.yaml", "task: [\n");
    write("bomb.yaml", "x: &a [&b [1,1]]\ny: " + "[*a,".repeat(20000));
    write("group.yaml", "group: group\ntask: [good, python]\n");
    write("torn.yaml", "group: torn\ntask: [good, broken]\n");
    assertEquals(List.of("good"), tasks(selectOfMine("good")));
    assertEquals(List.of("good"), tasks(selectOfMine("mine")));
    assertRefused(".*filter.yaml: filter_list: filters .*", "filter");
    String python = ".*python.yaml: line 7: !function names Python code, .* \\(process_docs\\); .*";
    assertRefused(python, "python");
    assertRefused(python, "group");
    assertRefused(".*none.yaml: is included, but there is no such file", "lost");
    assertRefused(".*circle.yaml: its includes go round in a circle", "circle");
    assertRefused(
        "--tasks brocken: there is no such task.*; of --include 4 files could not be read, the"
            + " first: .*bomb.yaml.*: is no valid YAML: .*",
        "brocken");
    assertRefused(
        ".*torn.yaml: the group torn has the member broken, which does not exist; of --include 4"
            + " files could not be read, the first: .*bomb.yaml.*",
        "torn");
  }

  @Test
  void whatCannotRunIsCountedWithTheReason() throws IOException {
    write("good.yaml", TASK + "task: good\n");
    write("a.yaml", TASK + "task: a\nprocess_docs: !function utils.docs\n");
    write("b.yaml", TASK + "task: b\ndoc_to_choice: !function utils.choices\n");
    write("c.yaml", TASK + "task: c\noutput_type: unheard_of\n");
    write("group.yaml", "group: group\ntask: [good, a]\n");
    write("list.yaml", "- task\n");
    Inventory inventory = TaskLibrary.read(List.of(folder)).inventory();
    assertEquals(1, inventory.included());
    assertEquals(3, inventory.refusedIncluded());
    assertEquals(
        List.of("!function names Python code", "!function names Python code"),
        inventory.refused().stream().limit(2).map(Inventory.Refused::reason).toList());
    assertTrue(inventory.tasks().stream().anyMatch(task -> task.name().equals("good")));
    assertEquals("group", inventory.refusedGroups().getFirst().name());
    assertEquals(1, inventory.unreadable().size());
  }

  @Test
  void aFileThatIsNamedItselfIsReadAtOnce() throws IOException {
    write("a.yaml", TASK + "doc_to_text: [\n");
    Path file = folder.resolve("a.yaml");
    InputException e = assertThrows(InputException.class, () -> TaskLibrary.read(List.of(file)));
    assertTrue(e.getMessage().matches(".*a.yaml: line \\d+: is no valid YAML: .*"), e.getMessage());
    write("a.yaml", TASK);
    e = assertThrows(InputException.class, () -> TaskLibrary.read(List.of(file)));
    assertTrue(e.getMessage().endsWith("a.yaml: there is neither a task nor a group in it"));
  }

  @Test
  void ofAFieldThatStandsTwiceTheLastCountsAndOfAFileTheFirst() throws IOException {
    write("a.yaml", TASK + "task: a\ntest_split: dev\n");
    write("b.yaml", TASK + "task: a\n");
    assertEquals("dev", selectOfMine("a").tasks().getFirst().evaluatedSplit());
    List<String> doubled = TaskLibrary.read(List.of(folder)).doubled();
    assertEquals(1, doubled.size());
    assertTrue(doubled.getFirst().matches(".*b.yaml: a is defined in .*a.yaml too, which counts"));
  }
}
