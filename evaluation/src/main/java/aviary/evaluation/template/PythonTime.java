package aviary.evaluation.template;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Dates and times as Python's {@code datetime} prints them, and those in nanoseconds as pandas
 * does: of these pyarrow makes pandas' values, as {@code datetime} ends at microseconds.
 */
public sealed interface PythonTime extends PythonObject {

  /** {@code datetime.date}. */
  record Date(LocalDate date) implements PythonTime {
    /**
     * Checks the year.
     *
     * @throws TemplateException if it is not one of 1 to 9999, as in Python
     */
    public Date {
      requireYear(date.getYear());
    }

    @Override
    public String str() {
      return day(date);
    }

    @Override
    public String repr() {
      return "datetime.date(%d, %d, %d)"
          .formatted(date.getYear(), date.getMonthValue(), date.getDayOfMonth());
    }
  }

  /** {@code datetime.time}; nanoseconds are cut off, as pyarrow does. */
  record Time(LocalTime time) implements PythonTime {
    @Override
    public String str() {
      return clock(time, 6);
    }

    @Override
    public String repr() {
      return call("datetime.time", List.of(time.getHour(), time.getMinute()), time);
    }
  }

  /**
   * {@code datetime.datetime} without a zone, or {@code pandas.Timestamp}.
   *
   * @param nanoseconds whether it is pandas'
   */
  record Local(LocalDateTime time, boolean nanoseconds) implements PythonTime {
    /**
     * Checks the year.
     *
     * @throws TemplateException if it is not one of 1 to 9999, as in Python
     */
    public Local {
      requireYear(time.getYear());
    }

    @Override
    public String str() {
      return instant(time, nanoseconds);
    }

    @Override
    public String repr() {
      return nanoseconds
          ? "Timestamp('%s')".formatted(str())
          : call("datetime.datetime", dateAndMinute(time), time.toLocalTime());
    }
  }

  /**
   * The same with a zone.
   *
   * @param nanoseconds whether it is pandas'
   */
  record Zoned(ZonedDateTime time, boolean nanoseconds) implements PythonTime {
    /**
     * Checks the year.
     *
     * @throws TemplateException if it is not one of 1 to 9999, as in Python
     */
    public Zoned {
      requireYear(time.getYear());
    }

    @Override
    public String str() {
      return instant(time.toLocalDateTime(), nanoseconds) + offset(time.getOffset(), ":");
    }

    @Override
    public String repr() {
      LocalDateTime local = time.toLocalDateTime();
      if (nanoseconds) {
        return "Timestamp('%s%s', tz='%s')"
            .formatted(instant(local, true), offset(time.getOffset(), ""), name());
      }
      String call = call("datetime.datetime", dateAndMinute(local), local.toLocalTime());
      return "%s, tzinfo=%s)".formatted(call.substring(0, call.length() - 1), zone());
    }

    private String zone() {
      ZoneId zone = time.getZone();
      if (!(zone instanceof ZoneOffset offset)) {
        return "zoneinfo.ZoneInfo(key='%s')".formatted(zone);
      }
      return offset.equals(ZoneOffset.UTC)
          ? "datetime.timezone.utc"
          : "datetime.timezone(%s)"
              .formatted(new Delta(Duration.ofSeconds(offset.getTotalSeconds()), false).repr());
    }

    private String name() {
      return time.getZone() instanceof ZoneOffset offset
          ? offset.equals(ZoneOffset.UTC) ? "UTC" : "UTC" + offset(offset, ":")
          : time.getZone().toString();
    }

    private static String offset(ZoneOffset offset, String colon) {
      int seconds = Math.abs(offset.getTotalSeconds());
      String sign = offset.getTotalSeconds() < 0 ? "-" : "+";
      String minutes = "%s%02d%s%02d".formatted(sign, seconds / 3600, colon, seconds / 60 % 60);
      return seconds % 60 == 0 ? minutes : "%s%s%02d".formatted(minutes, colon, seconds % 60);
    }
  }

  /**
   * {@code datetime.timedelta}, or {@code pandas.Timedelta}.
   *
   * @param nanoseconds whether it is pandas'
   */
  record Delta(Duration duration, boolean nanoseconds) implements PythonTime {
    private static final long DAY = 86_400;

    private long days() {
      return Math.floorDiv(duration.getSeconds(), DAY);
    }

    private LocalTime rest() {
      return LocalTime.ofSecondOfDay(Math.floorMod(duration.getSeconds(), DAY))
          .withNano(duration.getNano());
    }

    @Override
    public String str() {
      if (nanoseconds) {
        return "%d days %s%s".formatted(days(), days() < 0 ? "+" : "", clock(rest(), 9));
      }
      String clock = clock(rest(), 6).replaceFirst("^0", "");
      return days() == 0
          ? clock
          : "%d %s, %s".formatted(days(), Math.abs(days()) == 1 ? "day" : "days", clock);
    }

    @Override
    public String repr() {
      if (nanoseconds) {
        return "Timedelta('%s')".formatted(str());
      }
      List<String> parts = new ArrayList<>();
      addUnlessZero(parts, "days", days());
      addUnlessZero(parts, "seconds", rest().toSecondOfDay());
      addUnlessZero(parts, "microseconds", rest().getNano() / 1000);
      return "datetime.timedelta(%s)".formatted(parts.isEmpty() ? "0" : String.join(", ", parts));
    }

    private static void addUnlessZero(List<String> parts, String name, long value) {
      if (value != 0) {
        parts.add("%s=%d".formatted(name, value));
      }
    }

    @Override
    public boolean isTrue() {
      return !duration.isZero();
    }
  }

  private static void requireYear(int year) {
    if (year < 1 || year > 9999) {
      throw new TemplateException(
          "a date in the year %d: Python's years are 1 to 9999".formatted(year));
    }
  }

  private static String day(LocalDate date) {
    return "%04d-%02d-%02d".formatted(date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }

  private static String instant(LocalDateTime time, boolean nanoseconds) {
    return day(time.toLocalDate()) + " " + clock(time.toLocalTime(), nanoseconds ? 9 : 6);
  }

  /** Hours to seconds, then 6 or 9 decimals, or none: what is not zero decides. */
  private static String clock(LocalTime time, int mostDecimals) {
    String seconds = "%02d:%02d:%02d".formatted(time.getHour(), time.getMinute(), time.getSecond());
    int nano = time.getNano();
    if (mostDecimals == 9 && nano % 1000 != 0) {
      return "%s.%09d".formatted(seconds, nano);
    }
    return nano / 1000 == 0 ? seconds : "%s.%06d".formatted(seconds, nano / 1000);
  }

  private static List<Integer> dateAndMinute(LocalDateTime time) {
    return List.of(
        time.getYear(),
        time.getMonthValue(),
        time.getDayOfMonth(),
        time.getHour(),
        time.getMinute());
  }

  /** Seconds and microseconds are left out at the end where they are zero. */
  private static String call(String name, List<Integer> first, LocalTime time) {
    List<Integer> arguments = new ArrayList<>(first);
    int micros = time.getNano() / 1000;
    if (time.getSecond() != 0 || micros != 0) {
      arguments.add(time.getSecond());
    }
    if (micros != 0) {
      arguments.add(micros);
    }
    return arguments.stream()
        .map(Object::toString)
        .collect(Collectors.joining(", ", name + "(", ")"));
  }
}
