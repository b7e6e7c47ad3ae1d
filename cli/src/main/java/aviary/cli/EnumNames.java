package aviary.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.TypeConversionException;

/** The names of an enum's constants, as help tells them: in small letters. */
final class EnumNames {
  private EnumNames() {}

  /**
   * The constant of a name, in any case.
   *
   * @throws TypeConversionException if there is none; it names those that there are
   */
  static <E extends Enum<E>> E parse(Class<E> type, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> constant.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "expected one of %s but was '%s'"
                    .formatted(
                        Arrays.stream(type.getEnumConstants())
                            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")),
                        name)));
  }
}
