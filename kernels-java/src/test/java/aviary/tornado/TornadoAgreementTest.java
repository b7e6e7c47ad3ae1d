package aviary.tornado;

import aviary.agreement.EngineAgreement;
import aviary.agreement.GoldenSuite;
import aviary.agreement.WeightTypeAgreement;

/** The first device that TornadoVM finds. */
class TornadoAgreementTest implements EngineAgreement, GoldenSuite, WeightTypeAgreement {
  @Override
  public String device() {
    return "tornado:0:0";
  }
}
