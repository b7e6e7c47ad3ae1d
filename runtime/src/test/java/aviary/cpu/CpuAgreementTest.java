package aviary.cpu;

import aviary.agreement.EngineAgreement;
import aviary.agreement.MisuseAgreement;
import aviary.agreement.StageAgreement;
import aviary.agreement.WeightTypeAgreement;

/** With a thread a core. */
class CpuAgreementTest
    implements EngineAgreement, MisuseAgreement, StageAgreement, WeightTypeAgreement {
  @Override
  public String device() {
    return "cpu";
  }
}
