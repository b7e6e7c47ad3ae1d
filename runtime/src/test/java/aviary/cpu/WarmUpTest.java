package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.cpu.KnownMatrix.Type;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WarmUpTest {
  private final RandomInput input = new RandomInput(61);

  @BeforeEach
  void forget() {
    VectorLoops.forget();
  }

  @AfterEach
  void useAll() {
    VectorLoops.use(true);
  }

  private WarmUp start() {
    List<Matrix> matrices =
        Arrays.stream(Type.values())
            .map(type -> type.draw(input, 128, 128, true).matrix())
            .toList();
    LowRankUp up = LowRankUp.of(input.floats(32 * 128), 32, 128);
    List<WkvKernel> heads = List.of(new WkvKernel(128, 64, new float[128]));
    WarmUp warmUp = WarmUp.of(matrices, List.of(up), heads);
    warmUp.begin();
    return warmUp;
  }

  @Test
  void allLoopsOfAnEngineAreUsedInTheEnd() throws InterruptedException {
    try (WarmUp warmUp = start()) {
      assertTrue(VectorLoops.all().stream().noneMatch(VectorLoop::isFast));
      warmUp.join();
      assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
    }
  }

  @Test
  void aSecondEngineTriesNothingAgain() throws InterruptedException {
    start().join();
    try (WarmUp second = start()) {
      assertFalse(second.isAlive());
      assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
    }
  }

  /** What was tried and is not compiled is used then, as nobody else would see when it is. */
  @Test
  void itEndsWithTheEngine() {
    WarmUp warmUp = start();
    warmUp.close();
    assertFalse(warmUp.isAlive());
    assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
  }

  @Test
  void anEngineThatRunsNothingLeavesAllLoopsInUse() {
    Matrix w = Type.F32.draw(input, 64, 64, true).matrix();
    try (WarmUp _ = WarmUp.of(List.of(w), List.of(), List.of())) {
      assertFalse(w.loops().one().isFast());
    }
    assertTrue(w.loops().one().isFast());
  }

  /** Matrices that no whole vector fits, which the loops do not run on. */
  @Test
  void smallMatricesHaveNoTrials() throws InterruptedException {
    List<Matrix> matrices =
        Arrays.stream(Type.values()).map(type -> type.draw(input, 3, 3, true).matrix()).toList();
    LowRankUp up = LowRankUp.of(input.floats(2 * 3), 2, 3);
    WkvKernel kernel = new WkvKernel(3, 3, new float[3]);
    try (WarmUp warmUp = WarmUp.of(matrices, List.of(up), List.of(kernel))) {
      warmUp.begin();
      assertTrue(LowRankUp.ONE.isFast() && WkvKernel.LOOP.isFast());
      warmUp.join();
    }
  }
}
