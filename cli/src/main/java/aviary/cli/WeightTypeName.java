package aviary.cli;

import aviary.model.WeightType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Takes a weights' type by its name in any case, and tells those that there are as help does. */
final class WeightTypeName implements ITypeConverter<WeightType> {
  @Override
  public WeightType convert(String value) {
    return Arrays.stream(WeightType.values())
        .filter(type -> type.name().equalsIgnoreCase(value))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "expected one of %s but was '%s'"
                    .formatted(
                        Arrays.stream(WeightType.values())
                            .map(type -> type.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")),
                        value)));
  }
}
