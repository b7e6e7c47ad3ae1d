package aviary.safetensors;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsMutationTest {
  @TempDir Path folder;

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aDamagedFileIsRefusedOrRead() throws IOException {
    Path path = folder.resolve("good.safetensors");
    Payload payload = Payload.of(MemorySegment.ofArray(new byte[24]));
    SafetensorsWriter.write(
        path,
        Map.of("head_size_divisor", "8"),
        List.of(
            new SafetensorsWriter.Entry("emb.weight", DType.F32, new long[] {3, 2}, payload),
            new SafetensorsWriter.Entry("head.weight", DType.BF16, new long[] {2, 6}, payload),
            new SafetensorsWriter.Entry("ln.weight", DType.I64, new long[] {3}, payload)));
    byte[] good = Files.readAllBytes(path);
    int rounds = 10_000;
    int refused =
        Mutations.run(
            good, good.length - 72, rounds, folder, (p, a) -> SafetensorsFile.open(p, a).tensors());
    System.out.println("SafetensorsMutationTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 2 && refused < rounds, "refused " + refused);
  }
}
