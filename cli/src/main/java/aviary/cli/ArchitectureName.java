package aviary.cli;

import aviary.model.ModelConfig.Architecture;
import picocli.CommandLine.ITypeConverter;

/** Takes the name of an architecture. */
final class ArchitectureName implements ITypeConverter<Architecture> {
  @Override
  public Architecture convert(String value) {
    return EnumNames.parse(Architecture.class, value);
  }
}
