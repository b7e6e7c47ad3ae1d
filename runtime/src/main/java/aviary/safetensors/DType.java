package aviary.safetensors;

/** The element types of the safetensors format, by the names it uses. */
public enum DType {
  BOOL(8),
  U8(8),
  I8(8),
  U16(16),
  I16(16),
  F16(16),
  BF16(16),
  U32(32),
  I32(32),
  F32(32),
  U64(64),
  I64(64),
  F64(64),
  /** Two F32: real and imaginary part. */
  C64(64),
  F8_E4M3(8),
  F8_E5M2(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  F6_E2M3(6),
  F6_E3M2(6),
  F4(4);

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /**
   * Size of one element in bytes.
   *
   * @throws IllegalStateException if it is no whole number of bytes
   */
  public int bytes() {
    if (bits % Byte.SIZE != 0) {
      throw new IllegalStateException("an element of " + this + " has " + bits + " bits");
    }
    return bits / Byte.SIZE;
  }

  /**
   * Size of N elements in bytes.
   *
   * @throws ArithmeticException if it is 2^63 or more, or no whole number of bytes
   */
  public long bytes(long elements) {
    if (bits % Byte.SIZE == 0) {
      return Math.multiplyExact(elements, bits / Byte.SIZE);
    }
    long all = Math.multiplyExact(elements, bits);
    if (all % Byte.SIZE != 0) {
      throw new ArithmeticException(
          elements + " elements of " + this + " take no whole number of bytes");
    }
    return all / Byte.SIZE;
  }
}
