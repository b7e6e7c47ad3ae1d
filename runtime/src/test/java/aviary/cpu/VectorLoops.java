package aviary.cpu;

import aviary.cpu.KnownMatrix.Type;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** All loops over vectors of this backend, for tests that are to run them or their stand-ins. */
final class VectorLoops {
  private static final RandomInput INPUT = new RandomInput(0);

  private VectorLoops() {}

  static List<VectorLoop> all() {
    Stream<VectorLoop> ofMatrices =
        Arrays.stream(Type.values())
            .map(type -> type.draw(INPUT, 1, 1, true).matrix().loops())
            .flatMap(loops -> Stream.of(loops.one(), loops.four(), loops.many()));
    return Stream.concat(
            ofMatrices,
            Stream.of(
                LowRankUp.ONE,
                LowRankUp.FOUR,
                WkvKernel.LOOP,
                Elementwise.LOOP,
                Functions.LOOP,
                Norms.LOOP))
        .toList();
  }

  /** As in a process that has just started. */
  static void forget() {
    all().forEach(VectorLoop::forget);
  }

  /** Has kernels run all of them, or none. */
  static void use(boolean areFast) {
    all().forEach(loop -> loop.setFast(areFast));
  }
}
