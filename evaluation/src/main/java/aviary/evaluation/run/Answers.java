package aviary.evaluation.run;

import aviary.InputException;
import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.task.Response;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * The model's answers about a task's documents, kept in a file as they come: a JSON line a
 * document. Scores and samples are made from it, so that a run that was cut off gives the same as
 * one that was not.
 */
final class Answers implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private int documents;

  /**
   * @param file goes on where it ends, behind the last whole window; made if it is not there
   * @param window how many documents were answered together
   * @param limited how many documents there are to be
   */
  Answers(Path file, int window, int limited) throws IOException {
    this.file = file;
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    int whole = 0;
    long end = 0;
    long at = 0;
    int lines = 0;
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        at++;
        lines += c == '\n' ? 1 : 0;
        if (c == '\n' && (lines % window == 0 || lines == limited)) {
          whole = lines;
          end = at;
        }
      }
    }
    channel.truncate(end);
    channel.position(end);
    documents = whole;
  }

  /** How many documents have been answered. */
  int documents() {
    return documents;
  }

  /** Adds a window's answers, and sees to it that they are on the disk. */
  void add(List<List<Response>> window) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (List<Response> responses : window) {
      lines.append(PythonJson.line(responses.stream().map(Answers::value).toList())).append('\n');
    }
    ByteBuffer utf8 = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    try {
      while (utf8.hasRemaining()) {
        channel.write(utf8);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new IOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
    }
    documents += window.size();
  }

  private static Object value(Response response) {
    return switch (response) {
      case Response.Likelihood(double sum, boolean greedy) -> List.of(sum, greedy);
      case Response.Rolling(double sum) -> sum;
      case Response.Generated(String text) -> text;
      case Response.Tokens(List<Long> tokens) -> tokens;
    };
  }

  /** Reads them from the first on. */
  static Reader read(Path file) throws IOException {
    return new Reader(file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Gives the answers, document after document. */
  static final class Reader implements AutoCloseable {
    private final Path file;
    private final BufferedReader lines;

    private Reader(Path file) throws IOException {
      this.file = file;
      lines = Files.newBufferedReader(file);
    }

    /** The next document's. */
    List<Response> next() throws IOException {
      try {
        String line = lines.readLine();
        Object value = JsonValues.read(line.getBytes(StandardCharsets.UTF_8));
        List<Response> responses = new ArrayList<>();
        ((List<?>) value).forEach(item -> responses.add(response(item)));
        return responses;
      } catch (JacksonException | ClassCastException | NullPointerException e) {
        throw new InputException(file + ": is damaged; run again without --resume", e);
      }
    }

    private static Response response(Object value) {
      return switch (value) {
        case List<?> tokens when tokens.stream().allMatch(Long.class::isInstance) ->
            new Response.Tokens(tokens.stream().map(Long.class::cast).toList());
        case List<?> pair -> new Response.Likelihood(number(pair.get(0)), (Boolean) pair.get(1));
        case String text -> new Response.Generated(text);
        default -> new Response.Rolling(number(value));
      };
    }

    private static double number(Object value) {
      return ((Number) value).doubleValue();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
