package aviary.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  private static final SafetensorsWriter.Entry ONE = entry("one", 1);

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("SafetensorsWriterTest.whatIsWrittenIsRead seed " + seed);
    Random random = new Random(seed);
    Map<String, byte[]> wanted = new LinkedHashMap<>();
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (DType dtype : DType.values()) {
      long[] shape = random.ints(random.nextInt(1, 4), 0, 5).asLongStream().toArray();
      shape[0] *= 4; // so that types of 4 and 6 bits take whole bytes
      String name = "\"quoted\" \u00e9 \ud83e\udd9c " + dtype;
      var empty = new SafetensorsWriter.Entry(name, dtype, shape, out -> {});
      byte[] bytes = new byte[(int) empty.byteSize()];
      random.nextBytes(bytes);
      wanted.put(name, bytes);
      entries.add(
          new SafetensorsWriter.Entry(
              name, dtype, shape, Payload.of(MemorySegment.ofArray(bytes))));
    }
    Path path = folder.resolve("all.safetensors");
    SafetensorsWriter.write(path, Map.of("key \"1\"", "value\n"), entries);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      assertEquals(Map.of("key \"1\"", "value\n"), file.metadata());
      assertEquals(wanted.keySet(), file.tensors().keySet());
      wanted.forEach((name, bytes) -> assertArrayEquals(bytes, bytes(file, name), name));
    }
  }

  @Test
  void dataStartAtAMultipleOf64() throws IOException {
    for (int length = 1; length < 130; length++) {
      Path path = folder.resolve("padded.safetensors");
      SafetensorsWriter.write(path, Map.of(), List.of(entry("x".repeat(length), 3)));
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(0, (8 + bytes.getLong()) % 64);
      assertEquals(3, bytes.capacity() % 64);
    }
  }

  @Test
  void largePayloadsAreWrittenInPieces() throws IOException {
    byte[] large = new byte[(8 << 20) + 5];
    new Random(1).nextBytes(large);
    Path path = folder.resolve("large.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment direct = arena.allocate(large.length);
      direct.copyFrom(MemorySegment.ofArray(large));
      long[] shape = {large.length};
      SafetensorsWriter.write(
          path,
          Map.of(),
          List.of(
              new SafetensorsWriter.Entry(
                  "heap", DType.U8, shape, Payload.of(MemorySegment.ofArray(large))),
              SafetensorsWriter.Entry.of(new Tensor("direct", DType.U8, shape, direct)),
              new SafetensorsWriter.Entry(
                  "floats",
                  DType.F32,
                  new long[] {2},
                  Payload.of(MemorySegment.ofArray(new float[] {1.5f, -2f})))));
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      assertArrayEquals(large, bytes(file, "heap"));
      assertArrayEquals(large, bytes(file, "direct"));
      assertArrayEquals(new float[] {1.5f, -2f}, file.tensors().get("floats").toFloats());
    }
  }

  @Test
  void aFileCanBeReplacedByViewsOfItself() throws IOException {
    Path path = folder.resolve("self.safetensors");
    SafetensorsWriter.write(path, Map.of(), List.of(entry("a", 5), entry("b", 6)));
    Path link = Files.createSymbolicLink(folder.resolve("link"), path.getFileName());
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile before = SafetensorsFile.open(path, arena);
      SafetensorsWriter.write(
          link,
          Map.of(),
          List.of(
              SafetensorsWriter.Entry.of(before.tensors().get("b")),
              SafetensorsWriter.Entry.of(before.tensors().get("a"))));
      SafetensorsFile after = SafetensorsFile.open(path, arena);
      assertEquals(List.of("b", "a"), List.copyOf(after.tensors().keySet()));
      assertArrayEquals(bytes(before, "a"), bytes(after, "a"));
      assertArrayEquals(bytes(before, "b"), bytes(after, "b"));
      assertTrue(Files.isSymbolicLink(link));
    }
  }

  @Test
  void aFailureLeavesTheTargetAsItWasAndNothingBesideIt() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    Files.writeString(path, "as it was");
    assertEquals(
        "no disk",
        assertFails(
            path,
            IOException.class,
            out -> {
              out.write(ByteBuffer.allocate(2));
              throw new IOException("no disk");
            }));
    assertEquals(
        "tensor two: only 2 of its 3 bytes were written",
        assertFails(path, IllegalStateException.class, out -> out.write(ByteBuffer.allocate(2))));
    assertEquals(
        "tensor two: more than its 3 bytes were written",
        assertFails(path, IllegalStateException.class, out -> out.write(ByteBuffer.allocate(4))));
    assertEquals("as it was", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void refusesTwoTensorsOfOneName() {
    assertEquals(
        "two tensors are called one",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    SafetensorsWriter.write(
                        folder.resolve("twice"), Map.of(), List.of(ONE, entry("two", 1), ONE)))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> entry("__metadata__", 1));
    assertThrows(IllegalArgumentException.class, () -> entry("negative", -1));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            SafetensorsWriter.write(
                folder.resolve("surrogate"), Map.of(), List.of(entry("\ud800", 1))));
  }

  @Test
  void aFullDiskIsOneLineThatNamesTheFile() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full");
    String message =
        assertThrows(IOException.class, () -> SafetensorsWriter.write(full, Map.of(), List.of(ONE)))
            .getMessage();
    assertTrue(message.startsWith("/dev/full: cannot be written: "), message);
    assertTrue(Files.exists(full), "the device must not be replaced");
  }

  @Test
  void namesTheTargetThatCannotBe() {
    Path nowhere = folder.resolve("missing/file");
    assertEquals(
        nowhere + ": cannot be written: its folder does not exist",
        assertThrows(
                IOException.class, () -> SafetensorsWriter.write(nowhere, Map.of(), List.of(ONE)))
            .getMessage());
    assertEquals(
        folder + ": is a folder; name a file to write",
        assertThrows(
                IOException.class, () -> SafetensorsWriter.write(folder, Map.of(), List.of(ONE)))
            .getMessage());
  }

  @Test
  void writesToAPipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    try {
      assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    } catch (IOException e) {
      assumeTrue(false, "this system has no mkfifo");
    }
    Path copy = folder.resolve("copy.safetensors");
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try (var in = Files.newInputStream(pipe)) {
                Files.copy(in, copy);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    SafetensorsWriter.write(pipe, Map.of(), List.of(ONE));
    reader.join();
    try (Arena arena = Arena.ofConfined()) {
      assertArrayEquals(new byte[1], bytes(SafetensorsFile.open(copy, arena), "one"));
    }
  }

  private static <E extends Exception> String assertFails(
      Path path, Class<E> type, Payload payload) {
    var failing = new SafetensorsWriter.Entry("two", DType.U8, new long[] {3}, payload);
    return assertThrows(type, () -> SafetensorsWriter.write(path, Map.of(), List.of(ONE, failing)))
        .getMessage();
  }

  private static SafetensorsWriter.Entry entry(String name, int length) {
    byte[] bytes = new byte[Math.max(0, length)];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (name.length() * i);
    }
    return new SafetensorsWriter.Entry(
        name, DType.U8, new long[] {length}, Payload.of(MemorySegment.ofArray(bytes)));
  }

  private static byte[] bytes(SafetensorsFile file, String name) {
    return file.tensors().get(name).data().toArray(ValueLayout.JAVA_BYTE);
  }
}
