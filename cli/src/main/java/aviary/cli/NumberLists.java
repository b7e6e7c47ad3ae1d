package aviary.cli;

import aviary.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lists of numbers as llama-bench takes them: {@code 1,2,8}, and ranges, {@code 128-512+128} and
 * {@code 1-8*2}.
 */
final class NumberLists {
  private static final Pattern RANGE = Pattern.compile("(\\d+)-(\\d+)(?:([+*])(\\d+))?");

  /** A longer list is a typing error. */
  private static final int MOST = 1000;

  private NumberLists() {}

  /**
   * The numbers.
   *
   * @param option which a message names
   * @param parts between the commas
   * @throws InputException if a part is neither a number nor a range
   */
  static List<Integer> of(String option, List<String> parts) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : parts) {
      Matcher range = RANGE.matcher(part.strip());
      if (range.matches()) {
        addRange(option, part, range, numbers);
      } else {
        numbers.add(number(option, part, part.strip()));
      }
    }
    return List.copyOf(numbers);
  }

  private static void addRange(String option, String part, Matcher range, List<Integer> numbers) {
    long first = number(option, part, range.group(1));
    int last = number(option, part, range.group(2));
    int step = range.group(4) == null ? 1 : number(option, part, range.group(4));
    boolean multiplies = "*".equals(range.group(3));
    if (first > last) {
      String rest = range.group(3) == null ? "" : range.group(3) + range.group(4);
      throw new InputException(
          "%s %s: the range goes from %d down to %d; write %d-%d%s"
              .formatted(option, part, first, last, last, first, rest));
    }
    if (step < (multiplies ? 2 : 1) || multiplies && first == 0) {
      throw new InputException("%s %s: the range has no end".formatted(option, part));
    }
    int before = numbers.size();
    for (long number = first; number <= last; number = multiplies ? number * step : number + step) {
      numbers.add((int) number);
      if (numbers.size() - before > MOST) {
        throw new InputException("%s %s: more than %d numbers".formatted(option, part, MOST));
      }
    }
  }

  private static int number(String option, String part, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new InputException(
          "%s %s: it has to be a number, a list such as 1,4,16 or a range such as 128-512+128 or"
                  .formatted(option, part)
              + " 1-8*2",
          e);
    }
  }
}
