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

  private WarmUp warmUp() {
    List<Matrix> matrices =
        Arrays.stream(Type.values())
            .map(type -> type.draw(input, 128, 128, true).matrix())
            .toList();
    LowRankUp up = LowRankUp.of(input.floats(32 * 128), 32, 128);
    return WarmUp.of(matrices, List.of(up), List.of(new WkvKernel(128, 64, new float[128])));
  }

  /** Of all types of matrices that the model has. */
  @Test
  void allLoopsOfPassesAreUsedOnceTheyAreFast() {
    try (WarmUp warmUp = warmUp()) {
      assertTrue(VectorLoops.all().stream().noneMatch(VectorLoop::isFast));
      makeAllFast(warmUp);
      assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
    }
  }

  /** By one row, by four, and by many. */
  private static void makeAllFast(WarmUp warmUp) {
    for (int rows : new int[] {1, 4, 8}) {
      warmUp.makeFast(rows, true);
    }
  }

  @Test
  void onlyTheLoopsOfAPassAreMadeFast() {
    Matrix w = Type.BF16.draw(input, 128, 128, true).matrix();
    WkvKernel kernel = new WkvKernel(128, 64, new float[128]);
    try (WarmUp warmUp = WarmUp.of(List.of(w), List.of(), List.of(kernel))) {
      warmUp.makeFast(8, false);
      assertTrue(w.loops().many().isFast() && WkvKernel.LOOP.isFast());
      assertFalse(w.loops().one().isFast() || w.loops().four().isFast() || Norms.LOOP.isFast());
      warmUp.makeFast(1, true);
      assertTrue(w.loops().one().isFast() && Norms.LOOP.isFast());
      assertFalse(w.loops().four().isFast());
    }
  }

  @Test
  void aSecondEngineFindsThemFast() {
    try (WarmUp first = warmUp()) {
      makeAllFast(first);
      try (WarmUp _ = warmUp()) {
        assertTrue(VectorLoops.all().stream().allMatch(VectorLoop::isFast));
      }
    }
  }

  @Test
  void aSecondEngineMakesFastWhatTheFirstDidNot() {
    try (WarmUp _ = warmUp();
        WarmUp second = warmUp()) {
      second.makeFast(1, false);
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
      makeAllFast(warmUp);
    }
  }
}
