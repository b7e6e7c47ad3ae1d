package aviary.tornado;

import aviary.agreement.EngineAgreement;
import aviary.agreement.WeightTypeAgreement;
import aviary.engine.Engine;
import aviary.model.Model;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The device that tests run on, with the kernels that it gets. */
@TestInstance(Lifecycle.PER_CLASS)
class TornadoAgreementTest implements EngineAgreement, WeightTypeAgreement {
  private final EnginePool engines = new EnginePool();

  /** So that a log tells what its green tests are worth. */
  @BeforeAll
  void sayWhatThisRunsOnAndWhatIsMissing() {
    List<TornadoDevices.Found> all = TornadoDevices.all();
    TornadoDevices.Found found =
        all.stream().filter(device -> device.id().equals(device())).findFirst().orElseThrow();
    List<String> missing = new ArrayList<>();
    for (String driver : List.of("OPENCL", "SPIRV", "PTX", "CUDA")) {
      if (all.stream().noneMatch(its -> driver.equals(driver(its)))) {
        missing.add(driver);
      }
    }
    if (!DeviceTraits.of(found.device()).halves()) {
      missing.add("half precision");
    }
    System.out.printf(
        "The tornado tests run on %s, %s through %s. Not here: %s.%n",
        found.id(),
        found.device().getPhysicalDevice().getDeviceName(),
        driver(found),
        String.join(", ", missing));
  }

  private static String driver(TornadoDevices.Found found) {
    return found.device().getTornadoVMBackend().name();
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
