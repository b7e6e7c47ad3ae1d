package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Backends;
import aviary.engine.BlasChoice;
import aviary.engine.EngineOptions;
import aviary.engine.Split;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.PublishedShapes;
import aviary.model.WeightType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TornadoDevicesTest {
  private final Model model = RandomModels.programs().getFirst().model();

  private String refusal(String device) {
    String message =
        assertThrows(
                InputException.class, () -> Backends.open(model, device, EngineOptions.DEFAULT))
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void aDeviceThatIsNotThereIsRefusedWithThoseThatAre() {
    String message = refusal("tornado:9:9");
    assertTrue(
        message.startsWith("device tornado:9:9: TornadoVM has no such device here; it has "),
        message);
    assertTrue(message.contains("tornado:0:0"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tornado",
        "tornado:",
        "tornado:x",
        "tornado:0",
        "tornado:0:0:0",
        "tornado:0:-1",
        "tornado:0:99999999999",
        "tornado: 0:0"
      })
  void whatIsNoIdIsRefusedWithHowTheyLook(String id) {
    String message = refusal(id);
    assertTrue(
        message.startsWith(
            "device %s: TornadoVM's devices are named tornado:DRIVER:DEVICE, here tornado:0:0"
                .formatted(id)),
        message);
  }

  @Test
  void everyDeviceIsFoundByItsId() {
    for (TornadoDevices.Found found : TornadoDevices.all()) {
      assertEquals(found.device(), TornadoDevices.find(found.id()));
    }
  }

  @Test
  void aShapeThatCannotFitIsRefusedBeforeItsWeightsAreThere() {
    ModelConfig small = PublishedShapes.find("finch-1.6b").config();
    ModelConfig large =
        new ModelConfig(
            small.architecture(),
            4000,
            small.width(),
            small.heads(),
            small.headSize(),
            small.feedForward(),
            small.vocabulary(),
            small.mixRank(),
            small.decayRank(),
            small.headSizeDivisor(),
            small.gated(),
            small.decay());
    assertTooLarge(large, "tornado:0:0", EngineOptions.DEFAULT);
    // The part of the layers that stays in the processor's memory is no trouble.
    Optional<Split> mostOnCpu = Optional.of(new Split.OfLayers(List.of(3999, 1)));
    EngineOptions some = new EngineOptions(0, mostOnCpu, BlasChoice.AUTO);
    assertDoesNotThrow(() -> requireFits(large, "cpu,tornado:0:0", some));
    Optional<Split> mostOnDevice = Optional.of(new Split.OfLayers(List.of(1, 3999)));
    assertTooLarge(large, "cpu,tornado:0:0", new EngineOptions(0, mostOnDevice, BlasChoice.AUTO));
  }

  private static void requireFits(ModelConfig config, String devices, EngineOptions options) {
    Backends.requireFits(config, WeightType.BF16, devices, options);
  }

  private static void assertTooLarge(ModelConfig config, String devices, EngineOptions options) {
    String message =
        assertThrows(InputException.class, () -> requireFits(config, devices, options))
            .getMessage();
    assertTrue(
        message.matches("device tornado:0:0: the model .* need \\d+ MiB .* has \\d+ MiB; .*"),
        message);
  }

  @Test
  void aModelThatDoesNotFitIsRefusedWithBothNumbers() {
    long most = 3L << 30;
    assertDoesNotThrow(() -> DeviceMemory.require("tornado:0:0", most, most));
    String message =
        assertThrows(
                InputException.class,
                () -> DeviceMemory.require("tornado:0:0", most + (5 << 20), most))
            .getMessage();
    assertEquals(
        "device tornado:0:0: the model and its states need 3077 MiB there, and the device has 3072"
            + " MiB; --dtype q8_0 makes a model smaller, and --split layers shares it out to several"
            + " devices",
        message);
  }
}
