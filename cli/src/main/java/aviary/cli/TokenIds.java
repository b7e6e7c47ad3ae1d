package aviary.cli;

import aviary.InputException;
import java.util.Arrays;

/** Lists of token ids as people write them: {@code 1,2,3}, or with spaces. */
final class TokenIds {
  private TokenIds() {}

  /**
   * The ids of a list.
   *
   * @param where what the list is, to name in messages
   * @throws InputException if something between two commas, or at an end of the list, is no number
   */
  static int[] parse(String where, String list) {
    String stripped = list.strip();
    if (stripped.isEmpty()) {
      return new int[0];
    }
    // No item is dropped: an empty one is a number that somebody forgot.
    return Arrays.stream(stripped.split("\\s*,\\s*|\\s+", -1))
        .mapToInt(id -> number(where, id))
        .toArray();
  }

  private static int number(String where, String id) {
    try {
      return Integer.parseInt(id);
    } catch (NumberFormatException e) {
      throw new InputException(
          "%s: '%s' is no token id; ids are numbers, separated by commas or spaces"
              .formatted(where, id),
          e);
    }
  }
}
