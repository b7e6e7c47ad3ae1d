package aviary.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsTensorsInTheOrderOfTheirData() throws IOException {
    Path path =
        RawSafetensors.file(
            folder,
            """
            {"late":{"dtype":"I16","shape":[2,2],"data_offsets":[5,13]},\
            "__metadata__":{"head_size_divisor":"8","é":"ü"},\
            "none":{"dtype":"F32","shape":[0,7],"data_offsets":[5,5]},\
            "early":{"dtype":"U8","shape":[4],"data_offsets":[1,5]},\
            "scalar":{"shape":[],"dtype":"BOOL","data_offsets":[0,1],"later_addition":{"a":[1]}}}\
            \s\s\s\
            """,
            13);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      assertEquals(Map.of("head_size_divisor", "8", "é", "ü"), file.metadata());
      assertEquals(
          List.of("scalar", "early", "none", "late"), List.copyOf(file.tensors().keySet()));
      assertArrayEquals(new byte[] {1, 2, 3, 4}, bytes(file.tensors().get("early")));
      assertArrayEquals(new byte[] {5, 6, 7, 8, 9, 10, 11, 12}, bytes(file.tensors().get("late")));
      assertEquals("late I16[2, 2]", file.tensors().get("late").toString());
      assertEquals(1, file.tensors().get("scalar").elements());
    }
  }

  @Test
  void readsAFileWithoutTensors() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      assertTrue(
          SafetensorsFile.open(RawSafetensors.file(folder, "{}", 0), arena).tensors().isEmpty());
    }
  }

  @Test
  void readsFarBeyondTwoGibibytes() throws IOException {
    long rows = 3_000_000_017L;
    String header =
        "{\"big\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(rows, rows);
    Path path = RawSafetensors.file(folder, header, 0);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      // Sparse: the file takes a few kilobytes of disk.
      channel.write(ByteBuffer.wrap(new byte[] {42}), channel.size() + rows - 1);
      Tensor big = SafetensorsFile.open(path, arena).tensors().get("big");
      assertEquals(42, big.data().get(ValueLayout.JAVA_BYTE, rows - 1));
    }
  }

  /** What the reference implementation opens, though its writer does not write it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'__metadata__':null,'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
        "\n{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
        " \t\r\n{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}\t",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} \r\n\t ",
        "{'a' : {'dtype' : 'U8', 'shape' : [ 4 ], 'data_offsets' : [0,\n4]}}",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4],'x':[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}}",
        "{'none':{'dtype':'F64','shape':[4611686018427387904,0],'data_offsets':[0,0]},"
            + "'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}"
      })
  void opensWhatTheReferenceOpens(String header) throws IOException {
    Path path = RawSafetensors.file(folder, header.replace('\'', '"'), 4);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      assertEquals(Map.of(), file.metadata());
      assertArrayEquals(new byte[] {0, 1, 2, 3}, bytes(file.tensors().get("a")));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "C64, 1, 8",
    "F8_E4M3, 3, 3",
    "F8_E5M2, 3, 3",
    "F8_E8M0, 3, 3",
    "F8_E4M3FNUZ, 3, 3",
    "F8_E5M2FNUZ, 3, 3",
    "F6_E2M3, 4, 3",
    "F6_E3M2, 8, 6",
    "F4, 6, 3"
  })
  void readsTheNewerTypesBesideOthers(String type, long elements, int size) throws IOException {
    String header =
        """
        {"new":{"dtype":"%s","shape":[%d],"data_offsets":[0,%d]},\
        "old":{"dtype":"U8","shape":[2],"data_offsets":[%3$d,%d]}}\
        """
            .formatted(type, elements, size, size + 2);
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors =
          SafetensorsFile.open(RawSafetensors.file(folder, header, size + 2), arena).tensors();
      assertEquals("new " + type + "[" + elements + "]", tensors.get("new").toString());
      assertEquals(size, tensors.get("new").data().byteSize());
      assertArrayEquals(new byte[] {(byte) size, (byte) (size + 1)}, bytes(tensors.get("old")));
    }
  }

  @Test
  void readsNamesAndMetadataOfAnyLength() throws IOException {
    String name = "n".repeat(60_000);
    String value = "v".repeat(200_000);
    String header =
        "{\"__metadata__\":{\"k\":\"%s\"},\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
            .formatted(value, name);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(RawSafetensors.file(folder, header, 1), arena);
      assertEquals(value, file.metadata().get("k"));
      assertEquals(List.of(name), List.copyOf(file.tensors().keySet()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}x | followed by white space only
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}} | not valid JSON
          [{"a":1}] | does not start with {
          {"a":1} | tensor a has 1, wanted an object
          {"a":{"dtype":"U8","shape":[4]}} | tensor a lacks one of
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}} | tensor a lacks one of
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}} | more than 2 numbers
          {"a":{"dtype":"F8_E3M4","shape":[4],"data_offsets":[0,4]}} | tensor a has type F8_E3M4, wanted one of
          {"a":{"dtype":"F4","shape":[7],"data_offsets":[0,4]}} | no whole number of bytes
          {"a":{"dtype":"F6_E2M3","shape":[5],"data_offsets":[0,4]}} | no whole number of bytes
          {"a":{"dtype":"F4","shape":[6],"data_offsets":[0,4]}} | takes 3 bytes, but its data_offsets hold 4
          {"a":{"dtype":"F4","shape":[9223372036854775807],"data_offsets":[0,4]}} | 2^63 bytes
          {"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}} | tensor a.shape has -4
          {"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}} | tensor a.shape has 4.0
          {"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}} | tensor a.shape has a string
          {"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}} | tensor a.shape has an array
          {"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]}} | wanted an integer
          {"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}} | 2^63 bytes
          {"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,4]}} | 2^63 bytes
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,-4]}} | a.data_offsets has -4
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}} | before its start
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}} | takes 3 bytes, but its data_offsets hold 4
          {"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}} | file has only 4: download it again
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}} | 4 bytes of data, but its tensors only use 3
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}} | leaves a hole after the header
          {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}} | tensor b starts at byte 2 of the data, wanted 1: it leaves a hole after tensor a
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}} | tensor b starts at byte 2 of the data, wanted 3: it overlaps tensor a
          {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} | names a twice
          {"a":{"dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4]}} | tensor a names shape twice
          {"__metadata__":{"k":1}} | __metadata__.k has 1, wanted a string
          {"__metadata__":"k"} | __metadata__ has a string, wanted an object
          {"__metadata__":{"k":"1","k":"2"}} | __metadata__ names k twice
          {"a":{"dtype":null,"shape":[4],"data_offsets":[0,4]}} | dtype has null, wanted a string
          """)
  void refusesAMalformedHeader(String header, String message) throws IOException {
    assertRefused(RawSafetensors.bytes(header, 4), message);
  }

  @Test
  void refusesAFileThatIsTooShort() throws IOException {
    assertRefused(new byte[0], "has 0 bytes, too few");
    assertRefused(new byte[7], "has 7 bytes, too few");
    assertRefused(new byte[8], "does not start with {");
    byte[] whole = RawSafetensors.bytes("{\"a\":{}}", 0);
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "download it again");
  }

  @Test
  void refusesAHeaderLengthThatCannotBe() throws IOException {
    byte[] bytes = new byte[100];
    Arrays.fill(bytes, (byte) 0xff);
    assertRefused(bytes, "a header of 18446744073709551615 bytes");
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001);
    assertRefused(bytes, "a header of 100000001 bytes, more than 100000000");
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(93);
    assertRefused(bytes, "its header has 93 bytes, but the file ends after 92");
  }

  @Test
  void refusesTextThatIsNotUtf8() throws IOException {
    byte[] bytes = RawSafetensors.bytes("{\"?\":{}}", 0);
    bytes[10] = (byte) 0xff;
    assertRefused(bytes, "the header is not UTF-8 text");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
    assertRefused(RawSafetensors.bytes("{\"a\":{\"x\":" + deep + "}}", 0), "not valid JSON");
  }

  @Test
  void messagesStayOnOneLineWhateverTheNames() throws IOException {
    String name = "\\n\\u001b[31m\\u2028" + "x".repeat(40_000);
    MalformedFileException e =
        assertRefused(RawSafetensors.bytes("{\"" + name + "\":{}}", 0), "lacks one of");
    assertTrue(e.getMessage().length() < 2000);
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      String message =
          assertThrows(MalformedFileException.class, () -> SafetensorsFile.open(folder, arena))
              .getMessage();
      assertEquals(folder + ": is a folder; name the file in it", message);
      Path missing = folder.resolve("missing");
      message =
          assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(missing, arena))
              .getMessage();
      assertEquals(missing + ": there is no such file", message);
    }
  }

  private MalformedFileException assertRefused(byte[] bytes, String message) throws IOException {
    Path path = Files.write(folder.resolve("bad.safetensors"), bytes);
    try (Arena arena = Arena.ofConfined()) {
      MalformedFileException e =
          assertThrows(MalformedFileException.class, () -> SafetensorsFile.open(path, arena));
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertTrue(e.getMessage().contains(message), e.getMessage());
      assertFalse(e.getMessage().codePoints().anyMatch(Character::isISOControl));
      return e;
    }
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }
}
