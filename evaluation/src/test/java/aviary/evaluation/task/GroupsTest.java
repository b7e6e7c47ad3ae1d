package aviary.evaluation.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.task.GroupConfig.Aggregate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of a group's file, as lm-evaluation-harness 0.4.13 reads them. */
class GroupsTest {
  private static final String TASK =
      """
      dataset_path: me/things
      output_type: loglikelihood
      test_split: test
      doc_to_text: a
      doc_to_target: b
      """;

  @TempDir private Path folder;

  @BeforeEach
  void writeTasks() throws IOException {
    write("z.yaml", "task: z\ntag: mine\n" + TASK);
    write("a.yaml", "task: a\ntag: [mine, other]\n" + TASK);
    write("m.yaml", "task: m\n" + TASK);
    write("pair.yaml", "group: pair\ntask: [m, a]\naggregate_metric_list: {metric: acc}\n");
  }

  private void write(String name, String yaml) throws IOException {
    Files.writeString(folder.resolve(name), yaml);
  }

  private Selection select(String group) throws IOException {
    write("group.yaml", group);
    return TaskLibrary.read(List.of(folder)).select(List.of("group"));
  }

  private static List<String> tasks(Selection selection) {
    return selection.tasks().stream().map(TaskConfig::name).toList();
  }

  @Test
  void aTagStandsForItsTasks() throws IOException {
    Selection selection = select("group: group\ntask: [m, mine]\n");
    assertEquals(List.of("m", "a", "z"), tasks(selection));
    assertEquals(List.of("m", "a", "z"), selection.groups().getLast().members());
  }

  @Test
  void oneMemberNeedsNoList() throws IOException {
    assertEquals(List.of("a", "z"), tasks(select("group: group\ntask: mine\n")));
  }

  @Test
  void aTaskMayStandInTheGroup() throws IOException {
    Selection selection =
        select(
            """
            group: group
            task:
              - task: inline
                dataset_path: me/others
                output_type: loglikelihood
                test_split: dev
                doc_to_text: a
                doc_to_target: b
              - m
            """);
    // lm-evaluation-harness puts the group's name before that of what it defines itself.
    assertEquals(List.of("group::inline", "m"), tasks(selection));
    assertEquals("me/others", selection.tasks().getFirst().datasetPath());
    assertEquals(List.of("group::inline", "m"), selection.groups().getFirst().members());
  }

  @Test
  void aGroupMayStandInTheGroup() throws IOException {
    Selection selection =
        select(
            """
            group: group
            task:
              - group: inner
                group_alias: Within
                task: [m, other]
                aggregate_metric_list: [{metric: acc, weight_by_size: false}]
              - z
            """);
    assertEquals(List.of("m", "a", "z"), tasks(selection));
    GroupConfig inner = selection.groups().getFirst();
    assertEquals("group::inner", inner.name());
    assertEquals("Within", inner.alias());
    assertEquals(List.of("m", "a"), inner.members());
    assertEquals(List.of(new Aggregate("acc", false)), inner.aggregates());
    assertEquals(List.of("group::inner", "z"), selection.groups().getLast().members());
  }

  @Test
  void oneAggregateNeedsNoList() throws IOException {
    assertEquals(
        List.of(new Aggregate("acc", true)),
        select("group: group\ntask: [a]\naggregate_metric_list:\n  metric: acc\n")
            .groups()
            .getFirst()
            .aggregates());
  }

  @Test
  void fieldsOfAMemberAndOfAGroupAreForTheTasksBelow() throws IOException {
    Selection selection =
        select(
            """
            group: group
            num_fewshot: 2
            task:
              - m
              - task: z
                num_fewshot: 5
                task_alias: Z
              - task: other
                description: "Now:"
            """);
    assertEquals(List.of(2, 5, 2), selection.tasks().stream().map(TaskConfig::numFewshot).toList());
    assertEquals("Z", selection.tasks().get(1).alias());
    assertEquals("Now:", selection.tasks().get(2).description());
    Selection pair = select("group: group\ntask: [{group: pair, num_fewshot: 3}]\n");
    assertEquals(List.of(3, 3), pair.tasks().stream().map(TaskConfig::numFewshot).toList());
    assertEquals(List.of("pair"), pair.groups().getLast().members());
  }

  private void assertRefused(String message, String group) {
    InputException e = assertThrows(InputException.class, () -> select(group));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertRefused(
        ".*: a is asked for twice, with other fields; .*",
        "group: group\ntask: [{task: a, num_fewshot: 1}, {task: a, num_fewshot: 2}]\n");
    assertRefused(
        ".*: there is a group pair already; .*",
        "group: group\ntask: [{group: pair, task: [a]}]\n");
    assertRefused(".*: there is no field lunch", "group: group\nlunch: 1\ntask: [a]\n");
    assertRefused(
        ".*: a member of group: there is no dataset_path; .*",
        "group: group\ntask: [{task: new, doc_to_target: a, test_split: b}]\n");
    assertRefused(
        ".*group.yaml: aggregate_metric_list: filter_list is .*, wanted none.*",
        "group: group\ntask: [a]\naggregate_metric_list: {metric: acc, filter_list: [strict]}\n");
    assertRefused(
        ".*aggregate_metric_list: there is no metric: name the one to average",
        "group: group\ntask: [a]\naggregate_metric_list: {weight_by_size: true}\n");
    assertRefused(
        ".*aggregate_metric_list: aggregation is 'max', wanted mean",
        "group: group\ntask: [a]\naggregate_metric_list: {metric: acc, aggregation: max}\n");
  }
}
