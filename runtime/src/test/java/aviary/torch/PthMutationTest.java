package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.safetensors.Mutations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PthMutationTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aDamagedFileIsRefusedOrRead(boolean zip64) throws IOException {
    byte[] pickle = SavedModel.pickle();
    byte[] good = SavedModel.zip(zip64, pickle).end();
    int rounds = 5_000;
    int refused =
        Mutations.run(
            good,
            60 + pickle.length,
            rounds,
            folder,
            (path, arena) -> PthFile.open(path, arena).tensors());
    System.out.println("PthMutationTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 2 && refused < rounds, "refused " + refused);
  }
}
