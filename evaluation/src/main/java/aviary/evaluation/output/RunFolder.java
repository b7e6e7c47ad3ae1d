package aviary.evaluation.output;

import aviary.InputException;
import aviary.evaluation.data.PythonJson;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where a run's files are: {@code OUTPUT/MODEL/results_DATE.json} and {@code
 * samples_TASK_DATE.jsonl} as lm-evaluation-harness has them, and while it runs {@code
 * OUTPUT/MODEL/unfinished} with the answers so far.
 */
public final class RunFolder {
  private static final String IDENTITY = "run.json";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSSSSS");

  private final Path folder;
  private final Path unfinished;
  private final String date = DATE.format(LocalDateTime.now());

  private RunFolder(Path folder) {
    this.folder = folder;
    unfinished = folder.resolve("unfinished");
  }

  /**
   * Makes the folder, and begins a run in it or goes on with one.
   *
   * @param output the folder that the user names
   * @param model the model's name
   * @param identity of the run
   * @param resume whether to go on, where there is something to go on with
   * @throws InputException if the folder cannot be written, or the run to go on with was another,
   *     or there is one that was not to be gone on with
   */
  public static RunFolder open(Path output, String model, RunIdentity identity, boolean resume)
      throws IOException {
    RunFolder run = new RunFolder(output.resolve(sanitized(model)));
    try {
      Files.createDirectories(run.unfinished);
      Path probe = Files.createTempFile(run.unfinished, ".try", "");
      Files.delete(probe);
    } catch (FileAlreadyExistsException e) {
      throw new InputException(
          "--output %s: %s is there and is no folder".formatted(output, e.getFile()), e);
    } catch (IOException e) {
      throw new InputException(
          "--output %s: cannot be written: %s".formatted(output, reason(e)), e);
    }
    Path file = run.unfinished.resolve(IDENTITY);
    if (resume && Files.exists(file)) {
      identity.requireSame(file);
    } else {
      run.requireNoAnswers();
      run.clear();
      identity.write(file);
    }
    return run;
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "you may not write there";
      case NoSuchFileException _ -> "no folder can be made there";
      default -> e.getMessage();
    };
  }

  /** As lm-evaluation-harness names folders. */
  static String sanitized(String model) {
    return model.replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__");
  }

  /** Where the answers about a task's documents are kept. */
  public Path answers(String task) {
    return unfinished.resolve(task.replaceAll("[^\\w.-]", "_") + ".jsonl");
  }

  /** A file of samples. */
  public Path samples(String task) {
    return folder.resolve("samples_%s_%s.jsonl".formatted(task, date));
  }

  /** Writes the result file, and ends the run: the answers are no longer needed. */
  public Path finish(Map<String, Object> results) throws IOException {
    Path file = folder.resolve("results_%s.json".formatted(date));
    byte[] utf8 = PythonJson.indented(results).getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(ByteBuffer.wrap(utf8)));
    clear();
    Files.delete(unfinished);
    return file;
  }

  private void requireNoAnswers() throws IOException {
    for (Path file : files()) {
      if (!file.endsWith(IDENTITY) && Files.size(file) > 0) {
        throw new InputException(
            "--output: %s has the answers of a run that was cut off; go on with --resume, or name"
                    .formatted(unfinished)
                + " another --output");
      }
    }
  }

  private void clear() throws IOException {
    for (Path file : files()) {
      Files.delete(file);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(unfinished)) {
      return all.toList();
    }
  }
}
