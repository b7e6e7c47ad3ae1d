package aviary.evaluation.data;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts that Arrow's reader of JSON takes for dates and times, in whole seconds. */
final class IsoTime {
  private static final String HOUR = "([01]\\d|2[0-3])";
  private static final String SIXTY = "([0-5]\\d)";

  /** From {@code ParseTimestampISO8601} in Arrow's {@code value_parsing.h}. */
  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4})-(\\d\\d)-(\\d\\d)(?:[ T]%1$s(?::%2$s(?::%2$s)?)?(?:Z|([+-])%1$s(?::?%2$s)?)?)?"
              .formatted(HOUR, SIXTY));

  private IsoTime() {}

  /** The time, moved to UTC where the text has an offset; null if the text is no such time. */
  static LocalDateTime parse(String text) {
    if (text.length() < 10 || text.charAt(4) != '-') {
      return null;
    }
    Matcher parts = TIME.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    try {
      LocalDateTime local =
          LocalDate.of(part(parts, 1), part(parts, 2), part(parts, 3))
              .atTime(part(parts, 4), part(parts, 5), part(parts, 6));
      int offset = part(parts, 8) * 60 + part(parts, 9);
      return local.plusMinutes("-".equals(parts.group(7)) ? offset : -offset);
    } catch (DateTimeException e) {
      return null; // Such as the 30th of February.
    }
  }

  private static int part(Matcher parts, int group) {
    return parts.group(group) == null ? 0 : Integer.parseInt(parts.group(group));
  }
}
