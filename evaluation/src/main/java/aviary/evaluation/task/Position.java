package aviary.evaluation.task;

import java.util.List;

/**
 * Positions in a list as Python has them: a truth value is 0 or 1, and a negative position counts
 * from the end.
 */
public final class Position {
  private Position() {}

  /**
   * The position that a value means: a whole number, also one written as 1.0, or a truth value.
   *
   * @return null if the value means none
   */
  public static Long of(Object value) {
    return switch (value) {
      case Boolean b -> b ? 1L : 0L;
      case Number n when n.doubleValue() == n.longValue() -> n.longValue();
      case null, default -> null;
    };
  }

  /** Whether the list has an item at the position. */
  public static boolean isIn(List<?> list, long position) {
    return position >= -list.size() && position < list.size();
  }

  /**
   * The item at a position.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public static <T> T item(List<T> list, long position) {
    if (!isIn(list, position)) {
      throw new IndexOutOfBoundsException("no item %d in %d".formatted(position, list.size()));
    }
    return list.get((int) (position < 0 ? position + list.size() : position));
  }
}
