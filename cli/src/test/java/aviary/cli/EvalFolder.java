package aviary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A folder with a small model and a few documents, to run {@code eval} on.
 *
 * @param root the folder
 * @param model in it, whose tokens are bytes
 */
record EvalFolder(Path root, Path model) {

  /** Writes model and documents. */
  static EvalFolder in(Path root) throws IOException {
    EvalFolder folder = new EvalFolder(root, SmallModel.byteLevel(root));
    folder.write(
        "piqa/validation.jsonl",
        """
        {"goal": "dry boots", "sol1": "Use paper", "sol2": "Use water", "label": 0}
        {"goal": "open a jar", "sol1": "Shout", "sol2": "Twist the lid", "label": 1}
        {"goal": "sleep", "sol1": "Lie down", "sol2": "Run", "label": 0}
        """);
    folder.write(
        "piqa/train.jsonl",
        """
        {"goal": "eat", "sol1": "Use a spoon", "sol2": "Use a hat", "label": 0}
        {"goal": "read", "sol1": "Close the book", "sol2": "Open the book", "label": 1}
        """);
    folder.write(
        "lambada_openai/default/test.jsonl", "{\"text\": \"a b\"}\n{\"text\": \"c d e\"}\n");
    return folder;
  }

  /** Where the data sets are. */
  Path data() {
    return root.resolve("data");
  }

  /** Writes a file of a data set. */
  void write(String name, String content) throws IOException {
    Path file = data().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  /** The command line with the model, the data and more. */
  String[] arguments(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "eval",
                "--model",
                model.toString(),
                "--data",
                data().toString(),
                "--bootstrap-iters=100"));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  /** Runs it. */
  Run eval(String... more) {
    return Run.of(arguments(more));
  }
}
