package aviary.cli;

import aviary.model.WeightType;
import picocli.CommandLine.ITypeConverter;

/** Takes the name of a type of weights. */
final class WeightTypeName implements ITypeConverter<WeightType> {
  @Override
  public WeightType convert(String value) {
    return EnumNames.parse(WeightType.class, value);
  }
}
