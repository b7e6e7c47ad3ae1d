package aviary.evaluation.data;

import aviary.InputException;
import aviary.mqar.MqarTask;
import aviary.mqar.MqarTask.Example;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Examples of MQAR as documents with the columns {@code tokens} and {@code labels}, made when they
 * are read.
 *
 * @param task what they are of
 * @param examples how many there are
 * @param seed of the examples, of which there are the first
 */
public record MqarDocuments(MqarTask task, int examples, long seed) implements Documents {

  /** Checks the number. */
  public MqarDocuments {
    if (examples < 1) {
      throw new InputException("there are %d examples, wanted 1 or more".formatted(examples));
    }
  }

  @Override
  public DocumentReader open() {
    return new DocumentReader() {
      private int next;

      @Override
      public Map<String, Object> next() {
        if (next == examples) {
          return null;
        }
        Example example = task.example(seed, next++);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("tokens", longs(example.tokens()));
        document.put("labels", longs(example.labels()));
        return document;
      }

      @Override
      public void close() {
        // There is nothing open.
      }
    };
  }

  /** Numbers of documents are longs, as those that are read. */
  private static List<Long> longs(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().boxed().collect(Collectors.toList());
  }

  @Override
  public String description() {
    return "%s, %d examples, seed %d".formatted(task, examples, seed);
  }

  @Override
  public String place() {
    return description();
  }
}
