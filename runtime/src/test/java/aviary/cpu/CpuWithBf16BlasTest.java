package aviary.cpu;

import aviary.agreement.EngineAgreement;
import aviary.agreement.GoldenSuite;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.StagedEngine;
import aviary.model.Model;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** With products of many rows by a library that multiplies BF16. */
class CpuWithBf16BlasTest implements EngineAgreement, GoldenSuite {

  @BeforeAll
  static void needsTheLibrary() {
    Libraries.withBf16();
  }

  @Override
  public String device() {
    return "cpu";
  }

  @Override
  public Engine open(Model model) {
    Layers all = Layers.all(model.config().layers());
    return new StagedEngine(
        model, List.of(new CpuStage(model, all, 2, Optional.of(Libraries.withBf16()))));
  }
}
