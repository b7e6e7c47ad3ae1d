package aviary.evaluation.task;

import aviary.InputException;
import java.util.List;

/**
 * A task or a group as its file defines it. It is checked when it is asked for, so that a file that
 * cannot be used here stops no other.
 *
 * @param name the task's or group's
 * @param fields all that the file says
 * @param failure why the file cannot be used at all; null if nothing is known yet
 * @param builtIn whether it comes with Aviary
 */
record Definition(String name, Fields fields, InputException failure, boolean builtIn) {

  /**
   * The fields.
   *
   * @throws InputException if the file cannot be used
   */
  Fields usable() {
    if (failure != null) {
      throw failure;
    }
    return fields;
  }

  boolean isGroup() {
    return GroupReader.isGroup(fields);
  }

  /** Other names for the task and its kin; none where they are no names, which stops it later. */
  List<String> tags() {
    return switch (fields.values().get("tag")) {
      case String tag -> List.of(tag);
      case List<?> list ->
          list.stream().filter(String.class::isInstance).map(String.class::cast).toList();
      case null, default -> List.of();
    };
  }
}
