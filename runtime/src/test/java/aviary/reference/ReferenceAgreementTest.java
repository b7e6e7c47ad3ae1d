package aviary.reference;

import aviary.agreement.EngineAgreement;
import aviary.agreement.MisuseAgreement;
import aviary.agreement.StageAgreement;
import aviary.agreement.WeightTypeAgreement;

/** The reference itself keeps to what every device must do, and its ways agree with each other. */
class ReferenceAgreementTest
    implements EngineAgreement, MisuseAgreement, StageAgreement, WeightTypeAgreement {
  @Override
  public String device() {
    return "reference";
  }

  /** Only states that leave the engine are rounded to float32, and by some ways they do. */
  @Override
  public double tolerance() {
    return 1e-5;
  }
}
