package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.safetensors.MalformedFileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PthRefusalTest {
  private static final String PKL = "archive/data.pkl";

  @TempDir Path folder;

  @Test
  void namesTheGlobalThatIsRefusedAndRunsNothing() throws IOException {
    Path trace = folder.resolve("trace");
    String command = "touch " + trace;
    PickleBytes byName = new PickleBytes().global("os", "system").string(command);
    assertRefused(byName.raw(0x85, 'R').end(), "its pickle asks for os.system");
    PickleBytes byStack = new PickleBytes().string("posix").string("system").raw(0x93);
    assertRefused(byStack.string(command).raw(0x85, 'R').end(), "asks for posix.system");
    PickleBytes instance = new PickleBytes().op('(').string(command).op('i').ascii("os\nsystem\n");
    assertRefused(instance.end(), "asks for os.system");
    PickleBytes inside = new PickleBytes().raw('}').string("x").global("builtins", "eval");
    assertRefused(inside.raw('s').end(), "asks for builtins.eval");
    assertTrue(Files.notExists(trace));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 7, 1, does not lie inside its storage of 6 elements",
    "1, 6, 1, does not lie inside",
    "-1, 2, 1, does not lie inside",
    "0, -2, 1, does not lie inside",
    "5, 2, -1, does not lie inside",
    "0, 3, 3, does not lie inside",
    "0, 4611686018427387904, 4, does not lie inside",
    "0, 9223372036854775807, 1, does not lie inside",
    "9223372036854775807, 2, 1, does not lie inside",
    "0, 9223372036854775807, 0, it repeats elements of its storage",
    "0, 4611686018427387904, 0, it repeats elements of its storage",
    "5, 7, 0, it repeats elements of its storage"
  })
  void refusesAViewThatIsNotInItsStorage(long offset, long length, long stride, String message)
      throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    SavedModel.tensor(
        pickle, "t", SavedModel.FLOATS, offset, new long[] {length}, new long[] {stride});
    assertRefused(pickle.op('u').end(), "tensor t: ", message);
  }

  @Test
  void refusesHugeShapesWhateverTheirProductOverflowsTo() throws IOException {
    long huge = 1L << 32;
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    SavedModel.tensor(
        pickle, "t", SavedModel.FLOATS, 0, new long[] {huge, huge}, new long[] {0, 0});
    assertRefused(pickle.op('u').end(), "tensor t: ", "does not lie inside");
  }

  @Test
  void refusesStoragesThatAreNotWhatThePickleSays() throws IOException {
    assertStorageRefused("FloatStorage", "0", 7, "archive/data/0 has 7 elements of 4 bytes");
    assertStorageRefused("FloatStorage", "0", 1L << 62, "but it has 24 bytes");
    assertStorageRefused("FloatStorage", "0", -1, "but it has 24 bytes");
    assertStorageRefused("FloatStorage", "2", 6, "archive/data/2, are not in the file");
    assertStorageRefused("FloatStorage", "../data.pkl", 6, "are not in the file");
    assertStorageRefused("ComplexFloatStorage", "0", 4, "4 elements of 8 bytes, but it has 24");
    assertStorageRefused("StringStorage", "0", 3, "asks for torch.StringStorage");
  }

  @Test
  void refusesMoreCopiesThanTheFileCanNeed() throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    long[] shape = {1, 2};
    for (int i = 0; i < 2000; i++) {
      long[] strides = {1000 + i, 5};
      SavedModel.tensor(pickle, "t" + i, SavedModel.FLOATS, 0, shape, strides);
    }
    byte[] large = new byte[400_000];
    Path path = folder.resolve("copies.pth");
    PickleBytes hostile = new PickleBytes().raw('}', '(');
    for (int i = 0; i < 20; i++) {
      var storage = new PickleBytes.Storage("ByteStorage", "0", large.length);
      long[] wide = {1, 2, large.length / 2};
      SavedModel.tensor(hostile, "t" + i, storage, 0, wide, new long[] {i, 1, 2});
    }
    byte[] pickled = hostile.op('u').end();
    Files.write(path, new ZipBytes(false).add(PKL, pickled).add("archive/data/0", large).end());
    assertRefused(path, "tensor t4: the tensors before it are views of the same data too often");
    // Small views of a small file are fewer bytes than the pickle that describes them.
    try (Arena arena = Arena.ofConfined()) {
      Path many = SavedModel.file(folder, pickle.op('u').end());
      assertEquals(2000, PthFile.open(many, arena).tensors().size());
    }
  }

  @Test
  void refusesPicklesThatAreNotWellFormed() throws IOException {
    assertRefused(new byte[] {(byte) 0x80, 2}, "its pickle ends too early");
    assertRefused(new byte[0], "its pickle ends too early");
    assertRefused(new byte[] {(byte) 0x80, 1, '.'}, "has protocol 1");
    assertRefused(new byte[] {(byte) 0x80, 6, '.'}, "has protocol 6");
    assertRefused(new PickleBytes().end(), "takes more than it has put");
    assertRefused(new PickleBytes().raw('(').end(), "takes more than it has put");
    assertRefused(new PickleBytes().raw('N', '(', '0').end(), "takes more than it has put");
    assertRefused(new PickleBytes().raw('t').end(), "takes more than it has put");
    assertRefused(new PickleBytes().raw('h', 3).end(), "recalls what it never remembered");
    assertRefused(new PickleBytes().raw('N', 'N', 'R').end(), "calls what is not a function");
    assertRefused(new PickleBytes().raw('N', 'N', 'a').end(), "what is not a list");
    assertRefused(new PickleBytes().raw(')', 'N', 'a').end(), "what is not a list");
    assertRefused(new PickleBytes().raw('N', '(', 'N', 'N', 'u').end(), "not a dictionary");
    assertRefused(new PickleBytes().raw('}', '(', 'N', 'u').end(), "a key without a value");
    assertRefused(
        new PickleBytes().raw('}', ')', 'N', 's').end(), "holds no dictionary of tensors");
    assertRefused(new PickleBytes().raw('X', 255, 255, 255, 255).end(), "ends too early");
    assertRefused(new PickleBytes().raw('X', 255, 255, 255, 127).end(), "ends too early");
    assertRefused(new PickleBytes().raw(0x8c, 1, 255).end(), "not UTF-8");
    assertRefused(new PickleBytes().raw('N', 'Q').end(), "other than a storage");
    assertRefused(new PickleBytes().raw('N', 'N', 'b').end(), "sets attributes");
    assertRefused(new PickleBytes().raw(0x82, 1).end(), "has operation 0x82");
    assertRefused(new PickleBytes().raw('N', 'N', 0x81).end(), "calls what is not a function");
    assertRefused(new PickleBytes().raw('N').end(), "holds no dictionary of tensors");
    assertRefused(new PickleBytes().raw('}').end(), "holds no dictionary of tensors");
    assertRefused(
        new PickleBytes().tensor(SavedModel.FLOATS, 0, new long[] {6}, new long[] {1}).end(),
        "holds no dictionary of tensors");
    PickleBytes tooDeep = new PickleBytes();
    tooDeep.tensor(SavedModel.FLOATS, 0, new long[65], new long[65]);
    assertRefused(tooDeep.end(), "65 dimensions");
  }

  @Test
  void refusesPicklesThatWouldTakeForever() throws IOException {
    // A dictionary of ever larger lists of lists: 2^40 items to whoever walks through them.
    PickleBytes laughs = new PickleBytes().raw(']');
    for (int i = 0; i < 40; i++) {
      laughs.raw('q', 0, ']', '(', 'h', 0, 'h', 0, 'e');
    }
    assertRefused(laughs.raw('q', 1, '}').string("x").raw('h', 1, 's').end(), "holds no");
    // A dictionary under a key of its own.
    PickleBytes self = new PickleBytes().raw('}', 'q', 0).string("model").raw('h', 0, 's');
    assertRefused(self.end(), "holds no dictionary of tensors");
    // Nested without end; as many operations as there is room for.
    byte[] deep = new byte[5_000_000];
    Arrays.fill(deep, (byte) '(');
    assertRefused(deep, "has more than 2000000 operations");
    Arrays.fill(deep, (byte) '}');
    assertRefused(deep, "has more than 2000000 operations");
    Arrays.fill(deep, 0, 1_900_000, (byte) ']');
    Arrays.fill(deep, 1_900_000, deep.length, (byte) 0x85);
    assertRefused(deep, "has more than 2000000 operations");
  }

  @Test
  void looksIntoADictionaryOnceHoweverOftenItIsThere() throws IOException {
    int many = 250_000;
    PickleBytes pickle = new PickleBytes().raw('}', 'q', 0, '(');
    for (int i = 0; i < many; i++) {
      pickle.integer(i).op('N');
    }
    pickle.raw('u', '}', '(');
    for (int i = 0; i < many; i++) {
      pickle.integer(i).raw('h', 0);
    }
    assertRefused(pickle.op('u').end(), "holds no dictionary of tensors");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusesAZipThatLiesAboutSizes(boolean zip64) throws IOException {
    byte[] pickle = SavedModel.pickle();
    for (long size : new long[] {pickle.length + 10_000, 0x7fffffffL, 0xfffffffeL}) {
      assertRefused(zip(zip64, size, size, pickle), "the zip says that " + PKL + " has " + size);
      assertRefused(zip(zip64, pickle.length, size, pickle), "though it is not compressed");
    }
    if (zip64) {
      assertRefused(zip(true, Long.MAX_VALUE, Long.MAX_VALUE, pickle), "has " + Long.MAX_VALUE);
      assertRefused(zip(true, -5, -5, pickle), "has -5 bytes");
    }
  }

  @Test
  void refusesAnEntryThatReachesIntoTheNext() throws IOException {
    byte[] pickle = SavedModel.pickle();
    assertRefused(zip(false, pickle.length + 9, pickle.length + 9, pickle), "overlap in the zip");
  }

  @Test
  void refusesHeadersThatDisagree() throws IOException {
    byte[] bytes = SavedModel.zip(false, SavedModel.pickle()).end();
    bytes[22]++; // the unpacked size in the first entry's own header
    assertRefused(write(bytes), "its own header says");
    bytes[22]--;
    bytes[30]++; // the first letter of its name
    assertRefused(write(bytes), "disagree about " + PKL);
  }

  @Test
  void refusesDirectoriesThatAreNotThere() throws IOException {
    byte[] pickle = SavedModel.pickle();
    byte[] good = SavedModel.zip(false, pickle).end();
    assertRefused(write(Arrays.copyOf(good, good.length - 1)), "cut short, download it again");
    assertRefused(write(Arrays.copyOf(good, 60)), "cut short, download it again");
    for (boolean zip64 : new boolean[] {false, true}) {
      assertRefused(write(SavedModel.zip(zip64, pickle).end(4, 200, 100_000)), "not inside");
      assertRefused(write(SavedModel.zip(zip64, pickle).end(4, 0x7fffffff, 1)), "not inside");
      assertRefused(write(SavedModel.zip(zip64, pickle).end(60_000, 200, 0)), "60000 entries");
      assertRefused(write(SavedModel.zip(zip64, pickle).end(1, 200, 0)), "damaged at byte 0");
    }
    assertRefused(
        write(SavedModel.zip(true, pickle).end(Long.MAX_VALUE, 200, 0)),
        Long.MAX_VALUE + " entries");
    assertRefused(write(SavedModel.zip(true, pickle).end(1, Long.MAX_VALUE, 9)), "not inside");
    assertRefused(write(SavedModel.zip(true, pickle).end(1, -1, -1)), "not inside");
  }

  @Test
  void refusesCompressedStoragesAndBombs() throws IOException {
    byte[] pickle = SavedModel.pickle();
    var storage = new ZipBytes.Claim("a/data/0", 8, 24, 24);
    byte[] bytes =
        new ZipBytes(false).add("a/data.pkl", pickle).add(storage, SavedModel.floats()).end();
    assertRefused(write(bytes), "a/data/0 is compressed", "zip -0");
    var bomb = new ZipBytes.Claim("a/data.pkl", 8, 10, 4_000_000_000L);
    assertRefused(write(new ZipBytes(false).add(bomb, new byte[10]).end()), "wanted at most");
    var wrong = new ZipBytes.Claim("a/data.pkl", 8, 10, 4_000_000L);
    assertRefused(write(new ZipBytes(false).add(wrong, new byte[10]).end()), "a/data.pkl");
    var method = new ZipBytes.Claim("a/data.pkl", 12, 10, 10);
    assertRefused(write(new ZipBytes(false).add(method, new byte[10]).end()), "method 12");
  }

  @Test
  void refusesWhatTorchSaveDidNotWrite() throws IOException {
    byte[] pickle = SavedModel.pickle();
    assertRefused(write(new byte[0]), "is empty");
    assertRefused(write("{\"model\": 1}".getBytes(StandardCharsets.UTF_8)), "it is no zip");
    assertRefused(write(new ZipBytes(false).add("a/b.txt", pickle).end()), "has no data.pkl");
    assertRefused(
        write(new ZipBytes(false).add("a/data.pkl", pickle).add("b/data.pkl", pickle).end()),
        "has more than one data.pkl");
    assertRefused(
        write(new ZipBytes(false).add("a/data.pkl", pickle).add("a/data.pkl", pickle).end()),
        "lists a/data.pkl twice");
    assertRefused(
        write(SavedModel.zip(false, pickle).add("archive/constants.pkl", pickle).end()),
        "TorchScript");
    byte[] big = "big".getBytes(StandardCharsets.UTF_8);
    assertRefused(
        write(new ZipBytes(false).add("a/data.pkl", pickle).add("a/byteorder", big).end()),
        "byte order big, wanted little");
  }

  private void assertStorageRefused(String type, String key, long elements, String message)
      throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    var storage = new PickleBytes.Storage(type, key, elements);
    SavedModel.tensor(pickle, "t", storage, 0, new long[] {1}, new long[] {1});
    assertRefused(pickle.op('u').end(), message);
  }

  /** A zip whose headers give the pickle other sizes than it has. */
  private Path zip(boolean zip64, long compressed, long size, byte[] pickle) throws IOException {
    return write(
        new ZipBytes(zip64)
            .add(new ZipBytes.Claim(PKL, 0, compressed, size), pickle)
            .add("archive/data/0", SavedModel.floats())
            .add("archive/data/1", SavedModel.halves())
            .end());
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("bad.pth"), bytes);
  }

  private void assertRefused(byte[] pickle, String... messages) throws IOException {
    assertRefused(SavedModel.file(folder, pickle), messages);
  }

  private static void assertRefused(Path path, String... messages) {
    try (Arena arena = Arena.ofConfined()) {
      String message =
          assertThrows(MalformedFileException.class, () -> PthFile.open(path, arena)).getMessage();
      assertTrue(message.startsWith(path + ": "), message);
      for (String part : messages) {
        assertTrue(message.contains(part), message);
      }
    }
  }
}
