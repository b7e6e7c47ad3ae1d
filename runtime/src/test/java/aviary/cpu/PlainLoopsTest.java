package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.cpu.KnownMatrix.Type;
import aviary.cpu.ManyRows.Rows;
import aviary.model.Op.Activation;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Plain loops and loops over vectors take each other's place while a program runs, so results have
 * to be the same to the bit. That they are right is the loops' own tests' to show.
 */
class PlainLoopsTest {
  private static final int OUTS = 2 * ManyRows.PANEL + 5;

  @AfterEach
  void useVectors() {
    VectorLoops.use(true);
  }

  /** By one row, by four, by five as four and one, and by many. */
  @ParameterizedTest
  @EnumSource(Type.class)
  void productsAreTheSameWithAndWithoutVectors(Type type) {
    RandomInput input = new RandomInput(51);
    int step = type.draw(input, 1, 1, true).matrix().step();
    for (int ins : new int[] {step, 3 * step, 8 * step, ManyRows.DEPTH + step, 33}) {
      Matrix w = type.draw(input, OUTS, ins, false).matrix();
      for (int rows : new int[] {1, 2, 3, 4, 5, 6, 8, 11}) {
        float[] x = input.floats(rows * ins);
        assertSame(
            product(w, x, rows, true),
            product(w, x, rows, false),
            "%s, %d by %d, %d rows, %s".formatted(type, OUTS, ins, rows, input));
      }
    }
  }

  private static float[] product(Matrix w, float[] x, int rows, boolean withVectors) {
    VectorLoops.use(withVectors);
    float[] y = new float[rows * w.outs()];
    Worker worker = new Worker(0, new float[Math.max(2 * w.ins(), ManyRows.panelSize(w.ins()))]);
    new MatrixProducts(Optional.empty()).multiply(w, x, y, rows, 3, w.outs() - 2, worker);
    return y;
  }

  /** Products that vanish, and weights and activations that are subnormal or zero. */
  @ParameterizedTest
  @EnumSource(Type.class)
  void tinyNumbersAreTheSameWithAndWithoutVectors(Type type) {
    RandomInput input = new RandomInput(52);
    int ins = 64;
    Matrix w = type.draw(input, OUTS, ins, true).matrix();
    for (int rows : new int[] {1, 4, 7}) {
      float[] x = input.floats(rows * ins);
      for (int i = 0; i < x.length; i++) {
        x[i] = i % 5 == 0 ? -0.0f : x[i] * 0x1p-120f * (i % 3);
      }
      assertSame(product(w, x, rows, true), product(w, x, rows, false), type + ", " + rows);
    }
  }

  @Test
  void lowRankProductsAreTheSameWithAndWithoutVectors() {
    RandomInput input = new RandomInput(53);
    for (int outs : new int[] {4, 16, 64, 100, 192}) {
      LowRankUp up = LowRankUp.of(input.floats(32 * outs), 32, outs);
      for (int rows : new int[] {1, 3, 4, 9}) {
        Rows x = new Rows(input.floats(rows * 40), 3, 36);
        assertSame(
            product(up, x, rows, true),
            product(up, x, rows, false),
            outs + " by " + rows + " rows");
      }
    }
  }

  private static float[] product(LowRankUp up, Rows x, int rows, boolean withVectors) {
    VectorLoops.use(withVectors);
    Rows y = new Rows(new float[rows * up.outs()], 0, up.outs());
    up.product(x, rows, y, 0, up.outs());
    return y.array();
  }

  @Test
  void headsAreTheSameWithAndWithoutVectors() {
    RandomInput input = new RandomInput(54);
    for (int n : new int[] {4, 16, 20, 64}) {
      int width = 2 * n;
      WkvKernel kernel = new WkvKernel(width, n, input.floats(width));
      WkvKernel.Inputs in =
          new WkvKernel.Inputs(
              input.floats(5 * width),
              input.floats(5 * width),
              input.floats(5 * width),
              input.floats(5 * width, 0, 1));
      float[] before = input.floats(2 * n * n);
      float[] states = before.clone();
      float[] plainStates = before.clone();
      float[] y = run(kernel, in, states, true);
      assertSame(y, run(kernel, in, plainStates, false), "N = " + n);
      assertSame(states, plainStates, "states, N = " + n);
    }
  }

  private static float[] run(
      WkvKernel kernel, WkvKernel.Inputs in, float[] states, boolean withVectors) {
    VectorLoops.use(withVectors);
    float[] y = new float[in.r().length];
    for (int head = 0; head < 2; head++) {
      kernel.run(in, y, 0, 5, head, states, 0);
    }
    return y;
  }

  @Test
  void functionsAreTheSameWithAndWithoutVectors() {
    RandomInput input = new RandomInput(55);
    float[] x = input.floats(5000, -120, 120);
    System.arraycopy(input.floats(2000), 0, x, 0, 2000);
    float[] special = {
      0,
      -0.0f,
      0.625f,
      -0.625f,
      Math.nextDown(0.625f),
      89,
      -104,
      88.7f,
      -87.4f,
      -103.9f,
      1e-30f,
      Float.MIN_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    System.arraycopy(special, 0, x, 2000, special.length);
    for (Activation activation : Activation.values()) {
      assertSame(
          withVectors(true, x, y -> Elementwise.activate(activation, y, 1, y.length - 1)),
          withVectors(false, x, y -> Elementwise.activate(activation, y, 1, y.length - 1)),
          activation.toString());
    }
    assertSame(
        withVectors(true, x, y -> Functions.exp(-1, y, 0, y.length)),
        withVectors(false, x, y -> Functions.exp(-1, y, 0, y.length)),
        "exp");
  }

  @Test
  void rowsAreTheSameWithAndWithoutVectors() {
    RandomInput input = new RandomInput(56);
    for (int n : new int[] {1, 4, 16, 17, 67, 192}) {
      float[] a = input.floats(n);
      float[] b = input.floats(n);
      float[] amount = input.floats(n);
      List<Consumer<float[]>> all =
          List.of(
              y -> Elementwise.lerp(a, b, 0, amount, y, n),
              y -> Elementwise.ddLerp(a, b, 0, amount, 0, y, n),
              y -> Elementwise.multiply(a, b, y, 0, n),
              y -> Elementwise.add(a, b, y, 0, n),
              y -> Elementwise.decay(a, 0, b, y, n),
              y -> Norms.groupNorm(a, 0, n, 1, 1e-5f, b, amount, y, 0));
      for (int i = 0; i < all.size(); i++) {
        assertSame(
            withVectors(true, amount, all.get(i)),
            withVectors(false, amount, all.get(i)),
            "%d, %d numbers, %s".formatted(i, n, input));
      }
    }
  }

  private static float[] withVectors(boolean withVectors, float[] before, Consumer<float[]> work) {
    VectorLoops.use(withVectors);
    float[] y = before.clone();
    work.accept(y);
    return y;
  }

  private static void assertSame(float[] vectors, float[] plain, String what) {
    for (int i = 0; i < vectors.length; i++) {
      if (Float.floatToIntBits(vectors[i]) != Float.floatToIntBits(plain[i])) {
        assertEquals(vectors[i], plain[i], what + ", result " + i);
      }
    }
  }
}
