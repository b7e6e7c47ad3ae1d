package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.safetensors.MalformedFileException;
import aviary.safetensors.Mutations;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The format before PyTorch 1.6. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PthStreamTest {
  private static final PickleBytes.Storage FLOATS = SavedModel.FLOATS;

  @TempDir Path folder;

  @Test
  void readsTheTensorsThatTheZipHas() throws IOException {
    Map<String, Tensor> tensors = open(StreamBytes.model()).tensors();
    SavedModel.assertRead(tensors);
  }

  @Test
  void readsPartsOfStorages() throws IOException {
    assertArrayEquals(new float[] {3, 4}, openPart(2, 3).tensors().get("t").toFloats());
    assertRefused(part(4, 3), "its 3 elements from element 4 are not inside their storage of 6");
    assertRefused(part(-1, 3), "not inside their storage");
    assertRefused(part(2, Long.MAX_VALUE), "not inside their storage");
    assertRefused(part(Long.MAX_VALUE, 3), "not inside their storage");
    assertRefused(part(2, -3), "not inside their storage");
    assertRefused(part(2, 2), "does not lie inside its storage of 2 elements");
  }

  @Test
  void namesAndKeysMayBeStringsOfPython2() throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', 'U', 1, 't');
    pickle.global("torch._utils", "_rebuild_tensor").raw('(', '(', 'U', 7).ascii("storage");
    pickle.global("torch", "FloatStorage").raw('U', 1, '0', 'U', 3).ascii("cpu");
    pickle.integer(6).raw('N', 't', 'Q').integer(1).integers(2).integers(2).raw('t', 'R', 's');
    byte[] file = new StreamBytes(pickle.end()).keys("0").storage(6, SavedModel.floats()).end();
    assertArrayEquals(new float[] {1, 3}, open(file).tensors().get("t").toFloats());
  }

  @Test
  void refusesStoragesThatAreNotWhatThePickleSays() {
    byte[] pickle = SavedModel.pickle();
    byte[] floats = SavedModel.floats();
    byte[] halves = SavedModel.halves();
    assertRefused(
        new StreamBytes(pickle).keys("0", "1").storage(6, floats).storage(3, halves).end(),
        "storage 1 has 4 elements, but it has 3");
    for (long elements : new long[] {7, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 61}) {
      assertRefused(
          new StreamBytes(pickle).keys("0").storage(elements, floats).end(),
          "storage 0 of 6 elements of 4 bytes is not all there: download it again");
    }
    assertRefused(
        new StreamBytes(pickle).keys("0", "1").storage(6, floats).end(),
        "storage 1 of 4 elements of 2 bytes is not all there");
    assertRefused(
        new StreamBytes(pickle).keys("0", "0").storage(6, floats).storage(6, floats).end(),
        "lists storage 0 twice");
    assertRefused(
        new StreamBytes(pickle).keys("2").storage(6, floats).end(),
        "lists a storage that its pickle does not mention");
    assertRefused(
        new StreamBytes(pickle).keys("0").storage(6, floats).end(),
        "tensor scalar: its data, storage 1, are not in the file");
  }

  @Test
  void refusesOtherVersionsAndByteOrders() {
    byte[] pickle = SavedModel.pickle();
    assertRefused(new StreamBytes(1000, true, pickle).end(), "unknown version");
    assertRefused(
        new StreamBytes(1001, false, pickle).end(), "big-endian order", "torch.save(torch.load(");
    assertRefused(new StreamBytes(pickle).end(), "its pickle ends too early");
    assertRefused(Arrays.copyOf(StreamBytes.model(), 20), "its pickle ends too early");
    byte[] number = new StreamBytes(pickle).end();
    byte[] none = new PickleBytes().raw('N').end();
    byte[] both = Arrays.copyOf(number, number.length + none.length);
    System.arraycopy(none, 0, both, number.length, none.length);
    assertRefused(both, "has no list of its storages");
  }

  @Test
  void refusesTheSameGlobalsAsInAZip() {
    PickleBytes pickle = new PickleBytes().global("os", "system").string("touch x");
    assertRefused(
        new StreamBytes(pickle.raw(0x85, 'R').end()).keys().end(), "its pickle asks for os.system");
  }

  @Test
  void namesTheTarFormat() {
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    assertRefused(tar, "tar format that PyTorch wrote before 0.1.10", "torch.save(torch.load(");
  }

  @Test
  void aDamagedFileIsRefusedOrRead() throws IOException {
    byte[] good = StreamBytes.model();
    int rounds = 5_000;
    int refused =
        Mutations.run(
            good,
            good.length - 32,
            rounds,
            folder,
            (path, arena) -> PthFile.open(path, arena).tensors());
    System.out.println("PthStreamTest: refused " + refused + " of " + rounds);
    assertTrue(refused > rounds / 2 && refused < rounds, "refused " + refused);
  }

  /** A tensor of the second and third element of a part of the six floats. */
  private static byte[] part(long first, long count) {
    PickleBytes pickle = new PickleBytes().raw('}').string("t");
    pickle.global("torch._utils", "_rebuild_tensor").raw('(', '(').string("storage");
    pickle.global("torch", FLOATS.type()).string("0").string("cpu").integer(6);
    pickle.op('(').string("view").integer(first).integer(count).raw('t', 't', 'Q');
    pickle.integer(1).integers(2).integers(1).raw('t', 'R', 's');
    return new StreamBytes(pickle.end()).keys("0").storage(6, SavedModel.floats()).end();
  }

  private PthFile openPart(long first, long count) throws IOException {
    return open(part(first, count));
  }

  private PthFile open(byte[] bytes) throws IOException {
    return PthFile.open(Files.write(folder.resolve("old.pth"), bytes), Arena.ofAuto());
  }

  private void assertRefused(byte[] bytes, String... messages) {
    String message = assertThrows(MalformedFileException.class, () -> open(bytes)).getMessage();
    assertTrue(message.startsWith(folder.resolve("old.pth") + ": "), message);
    for (String part : messages) {
      assertTrue(message.contains(part), message);
    }
  }
}
