package aviary.evaluation.run;

import aviary.evaluation.data.DataFolder;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.run.TaskData.Items;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A user's task of eight things, which are green or red in turn, and of eight more as examples. */
record ColourTask(Path folder) {
  static final String COLOURS =
      """
      task: colours
      dataset_path: me/colours
      output_type: multiple_choice
      test_split: test
      doc_to_text: "A {{thing}} is"
      doc_to_choice: [green, red]
      doc_to_target: colour
      """;

  /** Writes the documents: things t0 to t7 to test, x0 to x7 as examples. */
  static ColourTask in(Path folder) throws IOException {
    ColourTask task = new ColourTask(folder);
    task.write("test", "t", 8);
    task.write("train", "x", 8);
    return task;
  }

  private void write(String split, String letter, int count) throws IOException {
    Path place = Files.createDirectories(data());
    Files.write(
        place.resolve(split + ".jsonl"),
        IntStream.range(0, count)
            .mapToObj(i ->
                "{\"thing\": \"%s%d\", \"colour\": %d, \"others\": []}".formatted(letter, i, i % 2))
            .toList());
  }

  /** The folder of the documents. */
  Path data() {
    return folder.resolve("data/colours");
  }

  /** With the task file of the given text. */
  TaskData open(String yaml, Integer shots, long seed) throws IOException {
    Path file = Files.writeString(folder.resolve("colours.yaml"), yaml);
    TaskConfig task = TaskLibrary.read(List.of(file)).select(List.of("colours")).tasks().getFirst();
    return TaskData.open(
        task, new DataFolder(folder.resolve("data")), new RunOptions(shots, seed, null, 0, 4));
  }

  static List<Item> items(TaskData data) throws IOException {
    List<Item> all = new ArrayList<>();
    try (data;
        Items items = data.items()) {
      for (Item item = items.next(); item != null; item = items.next()) {
        all.add(item);
      }
    }
    return all;
  }
}
