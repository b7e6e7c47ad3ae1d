package aviary.tornado;

import aviary.engine.Engine;
import aviary.evaluation.run.GoldenParity;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.model.Model;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** Language benchmarks on the device that tests run on. */
class TornadoParityTest implements GoldenParity {
  private final EnginePool engines = new EnginePool();

  @Override
  public String device() {
    return OneKernel.DEVICE;
  }

  @Override
  public Engine open(Model model) {
    return engines.open(model, GoldenParity.super::open);
  }

  /** One text at a time, and each from its beginning, would take minutes. */
  @Override
  public List<ScoringOptions> ways() {
    return List.of(new ScoringOptions(1, true, 0), new ScoringOptions(64, false, 0));
  }

  @AfterAll
  void closeEngines() {
    engines.close();
  }
}
