package aviary.tornado;

import aviary.agreement.EngineAgreement;
import aviary.agreement.GoldenSuite;
import aviary.agreement.WeightTypeAgreement;
import aviary.engine.Engine;
import aviary.model.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The device that tests run on, with the kernels that it gets. */
@TestInstance(Lifecycle.PER_CLASS)
class TornadoAgreementTest implements EngineAgreement, GoldenSuite, WeightTypeAgreement {
  private final EnginePool engines = new EnginePool();

  @BeforeAll
  void sayWhatThisRunsOn() {
    TornadoDevices.Found found =
        TornadoDevices.all().stream()
            .filter(device -> device.id().equals(device()))
            .findFirst()
            .orElseThrow();
    System.out.println("tests run on " + TornadoDevices.describe(found));
  }

  @Override
  public String device() {
    return OneKernel.DEVICE;
  }

  @Override
  public Engine open(Model model) {
    return engines.open(model, EngineAgreement.super::open);
  }

  @AfterAll
  void closeEngines() {
    engines.close();
  }
}
