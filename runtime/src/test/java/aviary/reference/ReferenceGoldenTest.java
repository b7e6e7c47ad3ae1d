package aviary.reference;

import aviary.agreement.GoldenSuite;

/** The reference reproduces what is known of real models. */
class ReferenceGoldenTest implements GoldenSuite {
  @Override
  public String device() {
    return "reference";
  }

  /** The golden data, too, were computed in double precision, and rounded to float32. */
  @Override
  public double tolerance() {
    return 1e-5;
  }
}
