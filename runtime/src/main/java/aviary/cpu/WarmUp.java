package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Runs an engine's loops over vectors until the JIT compiler has made them fast: see {@link
 * VectorLoop}. One after the other takes the place of the plain loop that stands in for it when it
 * is the faster one. They run on the engine's own weights, since the compiler makes code for what
 * it has seen; and while nothing else does, since the compiler needs a core.
 */
final class WarmUp implements AutoCloseable {

  /** After this all loops are used, however fast they are. */
  private static final long MOST_NANOSECONDS = 5_000_000_000L;

  /** How often a plain loop is run: the compiler's first tier has it by then. */
  private static final int PLAIN_RUNS = 30;

  /** How often in a row a loop must be the faster one. */
  private static final int ENOUGH = 3;

  /** The rows of activations that trials of many rows have: a whole tile and some. */
  private static final int ROWS = 9;

  /** The columns of such trials, which are enough for the compiler to make a loop of them. */
  private static final int COLUMNS = 256;

  /** The results of trials of one and of four rows. */
  private static final int OUTS = 8;

  /** The channels of trials without weights. */
  private static final int CHANNELS = 256;

  private static final float SOME_ACTIVATION = 0.5f;

  /**
   * A loop, and what runs it and its stand-in.
   *
   * @param isMain whether it takes much of the time of a pass
   * @param rows of which numbers of rows passes need it
   */
  private record Trial(
      VectorLoop loop, boolean isMain, IntPredicate rows, Runnable vectors, Runnable plain) {}

  private final List<Trial> trials;

  private WarmUp(List<Trial> trials) {
    this.trials = trials;
  }

  /**
   * Has plain loops take the place of an engine's loops over vectors, if no other engine has done
   * so before.
   *
   * @param matrices the engine's
   * @param ups its second matrices of low-rank pairs
   * @param heads its recurrences
   */
  static WarmUp of(List<Matrix> matrices, List<LowRankUp> ups, List<WkvKernel> heads) {
    Map<Class<?>, Matrix> ofTypes = new LinkedHashMap<>();
    matrices.forEach(matrix -> ofTypes.merge(matrix.getClass(), matrix, WarmUp::larger));
    List<Matrix> inVectors =
        ofTypes.values().stream().filter(matrix -> matrix.ins() >= matrix.step()).toList();
    Optional<LowRankUp> up = ups.stream().filter(each -> each.outs() >= Lanes.COUNT).findFirst();
    // A prompt comes first.
    List<Trial> trials = new ArrayList<>();
    ofTypes.values().forEach(matrix -> trials.add(many(matrix)));
    heads.stream()
        .filter(kernel -> kernel.headSize() >= Lanes.COUNT)
        .limit(1)
        .forEach(kernel -> trials.add(head(kernel)));
    up.ifPresent(its -> trials.add(up(its, LowRankUp.FOUR, 4)));
    trials.add(functions());
    trials.add(norms());
    trials.add(elementwise());
    inVectors.forEach(matrix -> trials.add(one(matrix)));
    up.ifPresent(its -> trials.add(up(its, LowRankUp.ONE, 1)));
    inVectors.forEach(matrix -> trials.add(four(matrix)));
    trials.forEach(trial -> trial.loop.beginTrial());
    return new WarmUp(List.copyOf(trials));
  }

  /** Loads and initializes the classes that have the loops. */
  static void loadClasses() {
    functions().vectors.run();
    norms().vectors.run();
    elementwise().vectors.run();
    LowRankUp up = LowRankUp.of(new float[LowRankUp.PANEL], 1, LowRankUp.PANEL);
    up(up, LowRankUp.ONE, 1).vectors.run();
    MemorySegment zeros = MemorySegment.ofArray(new byte[ManyRows.PANEL * COLUMNS]);
    Matrix w = new Bf16Matrix(zeros, ManyRows.PANEL / 2, COLUMNS);
    one(w).vectors.run();
  }

  private static Matrix larger(Matrix a, Matrix b) {
    return (long) b.outs() * b.ins() > (long) a.outs() * a.ins() ? b : a;
  }

  private static Trial many(Matrix w) {
    int outs = Math.min(w.outs(), ManyRows.PANEL);
    Matrix some = w.reshaped(outs, Math.min(w.ins(), COLUMNS));
    float[] panel = new float[ManyRows.panelSize(some.ins())];
    Rows x = new Rows(activations(ROWS * some.ins()), 0, some.ins());
    Rows y = new Rows(new float[ROWS * ManyRows.PANEL], 0, ManyRows.PANEL);
    return new Trial(
        w.loops().many(),
        true,
        rows -> rows >= ManyRows.LEAST,
        () -> {
          ManyRows.product(some, x, ROWS, y, 0, outs, panel);
          // As where a matrix has more columns than a panel.
          ManyRows.addProduct(panel, x, y, some.ins());
        },
        () -> PlainProducts.many(some, x, ROWS, y, 0, outs));
  }

  private static Trial one(Matrix w) {
    int outs = Math.min(w.outs(), OUTS);
    Matrix some = w.reshaped(outs, w.ins() / w.step() * w.step());
    float[] x = activations(w.ins());
    float[] y = new float[outs];
    return new Trial(
        w.loops().one(),
        true,
        rows -> rows < ManyRows.LEAST && rows != 4,
        () -> some.timesOne(x, y, 0, 0, outs),
        () -> PlainProducts.one(some, x, 0, y, 0, 0, outs));
  }

  private static Trial four(Matrix w) {
    int outs = Math.min(w.outs(), OUTS);
    Matrix some = w.reshaped(outs, w.ins() / w.step() * w.step());
    float[] x = activations(4 * w.ins());
    float[] y = new float[4 * outs];
    return new Trial(
        w.loops().four(),
        true,
        rows -> rows >= 4 && rows < ManyRows.LEAST,
        () -> some.timesFour(x, 0, y, 0, 0, outs),
        () -> PlainProducts.four(some, x, 0, y, 0, 0, outs));
  }

  private static Trial up(LowRankUp up, VectorLoop loop, int rows) {
    int outs = Lanes.whole(Math.min(up.outs(), LowRankUp.PANEL));
    Rows x = new Rows(activations(rows * up.ins()), 0, up.ins());
    Rows y = new Rows(new float[rows * outs], 0, outs);
    return new Trial(
        loop,
        false,
        count -> rows == 4 ? count >= 4 : count % 4 != 0,
        () -> up.vectors(x, rows, y, 0, outs),
        () -> up.plain(x, rows, y, 0, 0, outs));
  }

  private static Trial head(WkvKernel kernel) {
    int n = kernel.headSize();
    float[] row = activations(n);
    float[] y = new float[n];
    float[] state = new float[n * n];
    WkvKernel.Inputs in = new WkvKernel.Inputs(row, row, row, row);
    return new Trial(
        WkvKernel.LOOP,
        true,
        _ -> true,
        () -> kernel.vectors(in, y, 0, SOME_ACTIVATION, Lanes.whole(n), state, 0),
        () -> kernel.plain(in, y, 0, SOME_ACTIVATION, 0, state, 0));
  }

  private static Trial functions() {
    float[] x = activations(CHANNELS);
    float[] e = activations(CHANNELS);
    return new Trial(
        Functions.LOOP,
        false,
        _ -> true,
        () -> {
          Functions.expOfVectors(-1, e, 0, CHANNELS);
          Functions.tanhOfVectors(e, x, 0, CHANNELS);
        },
        () -> {
          Functions.plainExp(-1, e, 0, CHANNELS);
          Functions.plainTanh(e, x, 0, CHANNELS);
        });
  }

  private static Trial norms() {
    float[] x = activations(CHANNELS);
    return new Trial(
        Norms.LOOP,
        false,
        _ -> true,
        () -> Norms.squaresOfVectors(x, 0, CHANNELS, Norms.sumOfVectors(x, 0, CHANNELS)),
        () -> Norms.plainSquares(x, 0, CHANNELS, Norms.plainSum(x, 0, CHANNELS)));
  }

  private static Trial elementwise() {
    float[][] numbers = {activations(CHANNELS), activations(CHANNELS), activations(CHANNELS)};
    return new Trial(
        Elementwise.LOOP,
        false,
        _ -> true,
        () -> Elementwise.runLoops(numbers, true),
        () -> Elementwise.runLoops(numbers, false));
  }

  private static float[] activations(int count) {
    float[] activations = new float[count];
    Arrays.fill(activations, SOME_ACTIVATION);
    return activations;
  }

  /**
   * Makes the loops of a pass fast that are not, which takes a second or two.
   *
   * @param rows those of the pass
   * @param all whether also those that take little of its time
   */
  void makeFast(int rows, boolean all) {
    long end = System.nanoTime() + MOST_NANOSECONDS;
    for (Trial trial : trials) {
      if (!trial.loop.isFast() && (all || trial.isMain) && trial.rows.test(rows)) {
        makeFast(trial, end);
      }
    }
  }

  private static void makeFast(Trial trial, long end) {
    long plain = Long.MAX_VALUE;
    for (int i = 0; i < PLAIN_RUNS; i++) {
      plain = Math.min(plain, nanoseconds(trial.plain));
    }
    int wins = 0;
    while (wins < ENOUGH && System.nanoTime() < end) {
      wins = nanoseconds(trial.vectors) <= plain ? wins + 1 : 0;
    }
    trial.loop.setFast(true);
  }

  private static long nanoseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  /** Has all loops used from now on, as nobody else may see when they are fast. */
  @Override
  public void close() {
    trials.forEach(trial -> trial.loop.setFast(true));
  }
}
