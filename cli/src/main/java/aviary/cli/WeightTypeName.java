package aviary.cli;

import aviary.model.WeightType;

/** Takes the name of a type of weights. */
final class WeightTypeName extends EnumName<WeightType> {
  WeightTypeName() {
    super(WeightType.class);
  }
}
