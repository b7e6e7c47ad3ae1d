package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransposeTest {

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void aMatrixIsTurnedByteForByte(DType type) {
    long seed = 41;
    Random random = new Random(seed);
    int[][] shapes = {{1, 1}, {1, 40}, {40, 1}, {3, 5}, {16, 16}, {15, 33}, {100, 17}, {64, 160}};
    for (int[] shape : shapes) {
      byte[] bytes = new byte[shape[0] * shape[1] * type.bytes() + 1];
      random.nextBytes(bytes);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes).asSlice(1);
        Tensor matrix = new Tensor("w", type, new long[] {shape[0], shape[1]}, data);
        Tensor turned = Transpose.of(matrix, arena);
        assertEquals(type, turned.dtype());
        assertArrayEquals(new long[] {shape[1], shape[0]}, turned.shape());
        for (int i = 0; i < shape[0]; i++) {
          for (int o = 0; o < shape[1]; o++) {
            assertArrayEquals(
                element(matrix, i, o),
                element(turned, o, i),
                "%s [%d, %d] of %s, seed %d".formatted(type, i, o, matrix, seed));
          }
        }
      }
    }
  }

  private static byte[] element(Tensor matrix, int row, int column) {
    long bytes = matrix.dtype().bytes();
    long at = (row * matrix.shape()[1] + column) * bytes;
    return matrix.data().asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
  }
}
