package aviary.cli;

import aviary.model.ModelConfig.Architecture;

/** Takes the name of an architecture. */
final class ArchitectureName extends EnumName<Architecture> {
  ArchitectureName() {
    super(Architecture.class);
  }
}
