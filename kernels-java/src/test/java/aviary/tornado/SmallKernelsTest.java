package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.LayerCounter;
import aviary.tornado.kernels.Touch;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Kernels of one work item: the counter of layers, and those that only take arrays. */
class SmallKernelsTest {
  private final RandomArrays random = new RandomArrays(91);

  @Test
  void layersAreCounted() {
    IntArray layer = RandomArrays.one(0);
    try (OneKernel next =
        new OneKernel(1, (tasks, name, _) -> tasks.task(name, LayerCounter::next, layer), layer)) {
      for (int i = 1; i <= 3; i++) {
        next.run(2);
        assertEquals(i, layer.get(0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 60})
  void arraysThatAreTouchedStayAsTheyAre(int number) {
    IntArray layer = RandomArrays.one(number);
    FloatArray[] f = new FloatArray[Touch.FLOATS];
    Arrays.setAll(f, _ -> random.floats(3));
    IntArray[] i = new IntArray[Touch.INTS];
    Arrays.setAll(i, _ -> IntArray.fromElements(random.random().nextInt(), 1));
    Int8Array bytes = random.bytes(5);
    TornadoNativeArray[] all =
        Stream.of(new TornadoNativeArray[] {layer}, i, f)
            .flatMap(Arrays::stream)
            .toArray(TornadoNativeArray[]::new);
    assertChangesNothing(
        (tasks, name, _) ->
            tasks.task(
                name,
                Touch::several,
                layer,
                i[0],
                i[1],
                i[2],
                i[3],
                i[4],
                i[5],
                i[6],
                f[0],
                f[1],
                f[2],
                f[3],
                f[4],
                f[5]),
        all);
    assertChangesNothing(
        (tasks, name, _) -> tasks.task(name, Touch::bytes, layer, bytes), layer, bytes);
  }

  @Test
  void halvesThatAreTouchedStayAsTheyAre() {
    OneKernel.assumeHalves();
    IntArray layer = RandomArrays.one(0);
    HalfFloatArray halves = random.halves(5, 1);
    assertChangesNothing(
        (tasks, name, _) -> tasks.task(name, Touch::halves, layer, halves), layer, halves);
  }

  private static void assertChangesNothing(Kernel kernel, TornadoNativeArray... arrays) {
    byte[][] before = Arrays.stream(arrays).map(SmallKernelsTest::bytes).toArray(byte[][]::new);
    OneKernel.run(1, 2, kernel, (Object[]) arrays);
    for (int i = 0; i < arrays.length; i++) {
      assertArrayEquals(before[i], bytes(arrays[i]), "array " + i);
    }
  }

  private static byte[] bytes(TornadoNativeArray array) {
    return array.getSegment().toArray(ValueLayout.JAVA_BYTE);
  }
}
