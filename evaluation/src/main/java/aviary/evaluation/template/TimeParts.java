package aviary.evaluation.template;

import java.time.LocalDate;
import java.time.LocalDateTime;

/** What templates ask of dates and times. */
final class TimeParts {
  private TimeParts() {}

  /** The attribute, such as {@code year}; null if there is none of the name. */
  static Long of(PythonTime time, String name) {
    return switch (time) {
      case PythonTime.Date(var date) -> ofDateTime(date.atStartOfDay(), name, true, false);
      case PythonTime.Time(var clock) ->
          ofDateTime(clock.atDate(LocalDate.EPOCH), name, false, true);
      case PythonTime.Local local -> ofDateTime(local.time(), name, true, true);
      case PythonTime.Zoned zoned -> ofDateTime(zoned.time().toLocalDateTime(), name, true, true);
      case PythonTime.Delta delta -> ofDelta(delta, name);
    };
  }

  private static Long ofDateTime(LocalDateTime time, String name, boolean date, boolean clock) {
    return switch (name) {
      case "year" -> date ? (Long) (long) time.getYear() : null;
      case "month" -> date ? (Long) (long) time.getMonthValue() : null;
      case "day" -> date ? (Long) (long) time.getDayOfMonth() : null;
      case "hour" -> clock ? (Long) (long) time.getHour() : null;
      case "minute" -> clock ? (Long) (long) time.getMinute() : null;
      case "second" -> clock ? (Long) (long) time.getSecond() : null;
      case "microsecond" -> clock ? (Long) (long) time.getNano() / 1000 : null;
      default -> null;
    };
  }

  private static Long ofDelta(PythonTime.Delta delta, String name) {
    long seconds = delta.duration().getSeconds();
    return switch (name) {
      case "days" -> Math.floorDiv(seconds, 86_400L);
      case "seconds" -> Math.floorMod(seconds, 86_400L);
      case "microseconds" -> delta.duration().getNano() / 1000L;
      default -> null;
    };
  }

  /** As {@code str}, with a T between date and time. */
  static String isoFormat(PythonTime time) {
    if (time instanceof PythonTime.Delta) {
      throw new TemplateException("a duration has no method isoformat");
    }
    return time.str().replace(' ', 'T');
  }
}
