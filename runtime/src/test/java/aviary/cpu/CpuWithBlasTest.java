package aviary.cpu;

import aviary.agreement.EngineAgreement;
import aviary.agreement.GoldenSuite;
import aviary.agreement.MisuseAgreement;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.StagedEngine;
import aviary.model.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** With products of many rows by OpenBLAS. */
class CpuWithBlasTest implements EngineAgreement, GoldenSuite, MisuseAgreement {

  @BeforeAll
  static void needsTheLibrary() throws IOException {
    Libraries.openBlas();
  }

  @Override
  public String device() {
    return "cpu";
  }

  @Override
  public Engine open(Model model) {
    try {
      Layers all = Layers.all(model.config().layers());
      return new StagedEngine(
          model, List.of(new CpuStage(model, all, 2, Optional.of(Libraries.openBlas()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
