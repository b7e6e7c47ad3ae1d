package aviary.tornado;

import aviary.agreement.GoldenSuite;
import aviary.engine.Engine;
import aviary.model.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Trained models on the device that tests run on. */
@TestInstance(Lifecycle.PER_CLASS)
class TornadoGoldenTest implements GoldenSuite {
  private final EnginePool engines = new EnginePool();

  @Override
  public String device() {
    return OneKernel.DEVICE;
  }

  @Override
  public Engine open(Model model) {
    return engines.open(model, GoldenSuite.super::open);
  }

  @AfterAll
  void closeEngines() {
    engines.close();
  }
}
