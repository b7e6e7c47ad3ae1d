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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * The model's answers about a task's documents, kept in a file: a JSON line a document. Scores and
 * samples are made from it, so that a run that was cut off gives the same as one that was not.
 *
 * <p>Documents of a window are answered in any order. Until the window is whole its answers are in
 * a file beside, as they come: a JSON line with a document's position in the window and its
 * answers.
 */
final class Answers implements AutoCloseable {
  private static final String BEGUN = ".begun";

  private final Path file;
  private final FileChannel channel;
  private final FileChannel begunChannel;
  private final Map<Integer, List<Response>> begun = new HashMap<>();
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
    begunChannel =
        FileChannel.open(
            begunFile(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    readBegun();
  }

  private static Path begunFile(Path file) {
    return file.resolveSibling(file.getFileName() + BEGUN);
  }

  /**
   * Takes the answers of the next window; what follows the last whole line is cut off.
   *
   * @throws InputException if a line is not as {@link #begin} writes it
   */
  private void readBegun() throws IOException {
    byte[] all = Files.readAllBytes(begunFile(file));
    int begin = 0;
    for (int end = 0; end < all.length; end++) {
      if (all[end] == '\n') {
        try {
          List<?> line = (List<?>) JsonValues.read(Arrays.copyOfRange(all, begin, end));
          // What is left of a window that was whole is of no use.
          if ((Long) line.get(0) == documents) {
            begun.put(((Long) line.get(1)).intValue(), responses(line.get(2)));
          }
        } catch (JacksonException
            | ClassCastException
            | IndexOutOfBoundsException
            | NullPointerException e) {
          throw damaged(begunFile(file), e);
        }
        begin = end + 1;
      }
    }
    begunChannel.truncate(begin);
    begunChannel.position(begin);
  }

  private static InputException damaged(Path file, Exception cause) {
    return new InputException(
        "%s: is damaged; delete the folder that it is in, or name another --output".formatted(file),
        cause);
  }

  /** Answers about documents of the next window, by their positions in it. */
  Map<Integer, List<Response>> begun() {
    return begun;
  }

  /** Keeps answers about some documents of the next window, by their positions in it. */
  void begin(Map<Integer, List<Response>> some) throws IOException {
    StringBuilder lines = new StringBuilder();
    some.forEach((position, responses) ->
        lines
            .append(PythonJson.line(List.of(documents, position, values(responses))))
            .append('\n'));
    write(begunChannel, begunFile(file), lines);
  }

  /** How many documents have been answered. */
  int documents() {
    return documents;
  }

  /** Adds the next window's answers, and sees to it that they are on the disk. */
  void add(List<List<Response>> window) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (List<Response> responses : window) {
      lines.append(PythonJson.line(values(responses))).append('\n');
    }
    write(channel, file, lines);
    documents += window.size();
    begun.clear();
    begunChannel.truncate(0);
  }

  private static void write(FileChannel channel, Path file, StringBuilder lines)
      throws IOException {
    ByteBuffer utf8 = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    try {
      while (utf8.hasRemaining()) {
        channel.write(utf8);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new IOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static List<Object> values(List<Response> responses) {
    return responses.stream().map(Answers::value).toList();
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

  /** Deletes what is kept. */
  static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(begunFile(file));
  }

  @Override
  public void close() throws IOException {
    channel.close();
    begunChannel.close();
  }

  private static List<Response> responses(Object values) {
    List<Response> responses = new ArrayList<>();
    ((List<?>) values).forEach(item -> responses.add(response(item)));
    return responses;
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
        return responses(JsonValues.read(line.getBytes(StandardCharsets.UTF_8)));
      } catch (JacksonException | ClassCastException | NullPointerException e) {
        throw damaged(file, e);
      }
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
