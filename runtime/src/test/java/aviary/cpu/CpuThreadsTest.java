package aviary.cpu;

import aviary.agreement.EngineAgreement;
import aviary.agreement.MisuseAgreement;
import aviary.engine.EngineOptions;

/** With a number of threads that shares nothing out evenly. */
class CpuThreadsTest implements EngineAgreement, MisuseAgreement {
  @Override
  public String device() {
    return "cpu";
  }

  @Override
  public EngineOptions options() {
    return new EngineOptions(3);
  }
}
