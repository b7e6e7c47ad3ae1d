package aviary.model;

import aviary.safetensors.DType;

/** The types that a model's matrices can have, by the names that users type. */
public enum WeightType {
  F32,
  F16,
  BF16,
  /** Blocks of 32 weights along a row, each an 8-bit integer, with one F16 scale a block. */
  Q8_0;

  /** The type of the tensor that holds the weights. */
  public DType dtype() {
    return switch (this) {
      case F32 -> DType.F32;
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
      case Q8_0 -> DType.I8;
    };
  }
}
