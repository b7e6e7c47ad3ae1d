package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

  private WarmUp warmUp() {
    List<Matrix> matrices =
        Arrays.stream(Type.values())
            .map(type -> type.draw(input, 128, 128, true).matrix())
            .toList();
    LowRankUp up = LowRankUp.of(input.floats(32 * 128), 32, 128);
    return WarmUp.of(matrices, List.of(up), List.of(new WkvKernel(128, 64, new float[128])));
  }

  @Test
  void allLoopsOfAnEngineAreUsedOnceTheyAreFast() {
    try (WarmUp warmUp = warmUp()) {
      assertTrue(VectorLoops.all().stream().noneMatch(VectorLoop::isFast));
      warmUp.makeFast(VectorLoops.all());
      assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
    }
  }

  @Test
  void onlyTheLoopsThatAreAskedForAreMadeFast() {
    try (WarmUp warmUp = warmUp()) {
      warmUp.makeFast(List.of(WkvKernel.LOOP, Norms.LOOP));
      assertEquals(
          List.of(WkvKernel.LOOP, Norms.LOOP),
          VectorLoops.all().stream().filter(VectorLoop::isFast).toList());
    }
  }

  @Test
  void aSecondEngineFindsThemFast() {
    try (WarmUp first = warmUp()) {
      first.makeFast(VectorLoops.all());
      try (WarmUp _ = warmUp()) {
        assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
      }
    }
  }

  @Test
  void aSecondEngineMakesFastWhatTheFirstDidNot() {
    try (WarmUp _ = warmUp();
        WarmUp second = warmUp()) {
      second.makeFast(List.of(WkvKernel.LOOP));
      assertTrue(WkvKernel.LOOP.isFast());
    }
  }

  @Test
  void anEngineThatRunsNothingLeavesAllLoopsInUse() {
    try (WarmUp _ = warmUp()) {
      assertFalse(WkvKernel.LOOP.isFast());
    }
    assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
  }

  /** Matrices that no whole vector fits, which the loops do not run on. */
  @Test
  void smallMatricesHaveNoTrials() {
    List<Matrix> matrices =
        Arrays.stream(Type.values()).map(type -> type.draw(input, 3, 3, true).matrix()).toList();
    LowRankUp up = LowRankUp.of(input.floats(2 * 3), 2, 3);
    WkvKernel kernel = new WkvKernel(3, 3, new float[3]);
    try (WarmUp warmUp = WarmUp.of(matrices, List.of(up), List.of(kernel))) {
      assertTrue(LowRankUp.ONE.isFast() && WkvKernel.LOOP.isFast());
      warmUp.makeFast(VectorLoops.all());
    }
  }
}
