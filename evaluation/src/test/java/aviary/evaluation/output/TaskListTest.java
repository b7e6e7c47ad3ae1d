package aviary.evaluation.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.evaluation.task.Inventory;
import aviary.evaluation.task.Inventory.Refused;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskListTest {
  private static final Inventory INVENTORY =
      new Inventory(
          List.of(),
          List.of(),
          List.of(
              new Refused("a", "filter_list: not here"),
              new Refused("b", "Python"),
              new Refused("c", "Python")),
          List.of(new Refused("g", "Python")),
          List.of("x.yaml: is no valid YAML: " + "y".repeat(100)),
          7,
          3);

  @Test
  void reasonsAreCountedTheCommonestFirst() {
    List<List<String>> cells =
        TaskList.refused(INVENTORY)
            .lines()
            .map(line -> Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList())
            .toList();
    assertEquals(List.of("Tasks", "What stops them first", "For example"), cells.get(0));
    assertEquals(List.of("2", "Python", "b"), cells.get(2));
    assertEquals(List.of("1", "filter_list: not here", "a"), cells.get(3));
    assertEquals("x.yaml: is no valid YAML: " + "y".repeat(71) + "...", cells.get(4).get(1));
    assertEquals(5, cells.size());
  }

  @Test
  void theSummarySaysHowManyRun() {
    assertEquals(
        "7 of 10 tasks of --include can run here; groups that need one of the others: 1"
            + " (why: aviary eval --tasks list-refused)",
        TaskList.summary(INVENTORY));
  }
}
