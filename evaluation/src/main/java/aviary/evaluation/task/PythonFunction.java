package aviary.evaluation.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What stands in a task file for Python code: {@code !function utils.name}. It cannot run here, but
 * the rest of the file can be read.
 *
 * @param name the function's
 * @param line of the file that it stands in, from 1
 */
record PythonFunction(String name, int line) {

  /** The functions in a value and in what it holds, in the order in which they stand. */
  static List<PythonFunction> in(Object value) {
    return switch (value) {
      case PythonFunction function -> List.of(function);
      case List<?> list -> in((Iterable<?>) list);
      case Map<?, ?> map -> in((Iterable<?>) map.values());
      case null, default -> List.of();
    };
  }

  private static List<PythonFunction> in(Iterable<?> values) {
    List<PythonFunction> all = new ArrayList<>();
    values.forEach(value -> all.addAll(in(value)));
    return all;
  }

  @Override
  public String toString() {
    return "!function " + name;
  }
}
