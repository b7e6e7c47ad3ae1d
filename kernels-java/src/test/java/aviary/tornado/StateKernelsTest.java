package aviary.tornado;

import static aviary.reference.ReferenceOps.toDoubles;
import static aviary.tornado.Expected.ROUNDING;
import static aviary.tornado.RandomArrays.copy;

import aviary.reference.ReferenceOps;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.StateCopy;
import aviary.tornado.kernels.TokenShift;
import aviary.tornado.kernels.Wkv;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that read and write states: sequences of several lengths, in slots of no order. */
class StateKernelsTest {
  private static final int LAYERS = 3;
  private static final int LAYER = 1;
  private static final int SLOTS = 5;
  private static final int[] PART_ROWS = {3, 1, 7};
  private static final int[] PART_SLOTS = {4, 0, 2};
  private static final int ROWS = Arrays.stream(PART_ROWS).sum();
  private static final int BORDER = 23;

  private final RandomArrays random = new RandomArrays(71);
  private final IntArray pass = Passes.ofParts(PART_ROWS, PART_SLOTS);
  private final IntArray layer = RandomArrays.one(LAYER);

  /** Each of up to four lerps goes through three operations, and so three roundings at most. */
  @ParameterizedTest
  @CsvSource({"1, 0, 0", "33, 1, 0", "100, 2, 0", "33, 4, 1", "100, 3, 1"})
  void rowsAreShiftedWithinTheirSequenceAndMixed(int width, int lerps, int direction) {
    int stride = width + 3;
    int room = PassTable.MOST_ROWS * stride;
    FloatArray values = random.floats(3 * BORDER + (2 + lerps) * room);
    int difference = 2 * BORDER + room;
    int y = difference + room;
    int amounts = 11;
    int amountsStride = lerps * width + 7;
    FloatArray vectors = random.floats(amounts + (LAYER + 1) * amountsStride);
    FloatArray shifted = random.floats(SLOTS * LAYERS * width);
    Expected expected = new Expected(values);
    Expected state = new Expected(shifted);
    int begin = 0;
    for (int part = 0; part < PART_ROWS.length; part++) {
      int end = begin + PART_ROWS[part];
      for (int channel = 0; channel < width; channel++) {
        int kept = (PART_SLOTS[part] * LAYERS + LAYER) * width + channel;
        for (int row = begin; row < end; row++) {
          int at = row * stride + channel;
          double now = expected.before(BORDER + at);
          double before = row == begin ? state.before(kept) : expected.before(BORDER + at - stride);
          expected.set(difference + at, (float) (before - now), 0);
          for (int c = 0; c < lerps; c++) {
            double mix = vectors.get(amounts + LAYER * amountsStride + c * width + channel);
            double from = direction == TokenShift.FROM_X ? now : before;
            double to = direction == TokenShift.FROM_X ? before : now;
            double size = Math.abs(from) + (Math.abs(from) + Math.abs(to)) * Math.abs(mix);
            expected.set(y + c * room + at, from + (to - from) * mix, 3 * ROUNDING * size);
          }
        }
        state.set(kept, expected.before(BORDER + (end - 1) * stride + channel), 0);
      }
      begin = end;
    }
    OneKernel.run(
        Graph.ITEMS,
        Math.ceilDiv((PART_ROWS.length + 1) * width, Graph.ITEMS),
        (tasks, name, _) ->
            tasks.task(
                name,
                TokenShift::shift,
                pass,
                layer,
                values,
                BORDER,
                difference,
                shifted,
                LAYERS,
                vectors,
                amounts,
                amountsStride,
                y,
                lerps,
                direction,
                width,
                stride),
        pass,
        layer,
        values,
        shifted,
        vectors);
    expected.check(values, random::toString);
    state.check(shifted, () -> "states, " + random);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 2, true",
    "16, 3, true",
    "5, 3, true",
    "64, 2, false",
    "16, 3, false",
    "5, 3, false",
    "24, 2, false",
    "80, 2, false"
  })
  void recurrencesAreThoseOfTheReference(int n, int heads, boolean inGroups) {
    new Recurrence(n, heads, inGroups).check();
  }

  /** Heads of N channels, by one of the two kernels. */
  private final class Recurrence {
    private final int n;
    private final int heads;
    private final boolean inGroups;
    private final int width;
    private final int apart;
    private final int room;
    private final FloatArray values;
    private final FloatArray vectors;
    private final FloatArray states;
    private final int stride;
    private final int bonus = 9;

    Recurrence(int n, int heads, boolean inGroups) {
      this.n = n;
      this.heads = heads;
      this.inGroups = inGroups;
      width = heads * n;
      apart = width + 3;
      room = ROWS * apart + BORDER;
      stride = width + 31;
      values = random.floats(5 * room + BORDER);
      for (int i = 0; i < ROWS * apart; i++) {
        values.set(at(3) + i, random.random().nextFloat());
      }
      vectors = random.floats((LAYER + 1) * stride + bonus);
      states = random.floats(SLOTS * LAYERS * width * n);
    }

    /** Where receptance, key, value, decay and the results are. */
    int at(int which) {
      return BORDER + which * room;
    }

    void check() {
      Expected results = new Expected(values);
      Expected after = new Expected(states);
      float[] u = copy(vectors, bonus + LAYER * stride, width);
      int begin = 0;
      for (int part = 0; part < PART_ROWS.length; part++) {
        expect(results, after, toDoubles(u), part, begin);
        begin += PART_ROWS[part];
      }
      int parts = PART_ROWS.length;
      if (inGroups) {
        OneKernel.run(n, parts * heads, inGroups(), pass, layer, values, vectors, states);
      } else {
        int items = parts * heads * Math.ceilDiv(n, Wkv.COLUMNS);
        OneKernel.run(4, Math.ceilDiv(items, 4) + 1, plain(), pass, layer, values, vectors, states);
      }
      results.check(values, random::toString);
      after.check(states, () -> "states, " + random);
    }

    /** A number goes through the roundings of the sums over i, twice, and of two steps a token. */
    private void expect(Expected results, Expected after, double[] u, int part, int begin) {
      double roundings = (2 * n + 2 * PART_ROWS[part] + 5) * ROUNDING;
      int stateAt = (PART_SLOTS[part] * LAYERS + LAYER) * width * n;
      double[] state = toDoubles(copy(states, stateAt, width * n));
      double[] sizes = absolute(state);
      for (int row = begin; row < begin + PART_ROWS[part]; row++) {
        double[] r = row(0, row);
        double[] k = row(1, row);
        double[] v = row(2, row);
        double[] w = row(3, row);
        double[] y = ReferenceOps.wkv(r, k, v, w, u, n, state);
        double[] size =
            ReferenceOps.wkv(absolute(r), absolute(k), absolute(v), w, absolute(u), n, sizes);
        for (int i = 0; i < width; i++) {
          results.set(at(4) + row * apart + i, y[i], roundings * size[i]);
        }
      }
      for (int i = 0; i < state.length; i++) {
        after.set(stateAt + i, state[i], roundings * sizes[i]);
      }
    }

    private double[] row(int which, int row) {
      return toDoubles(copy(values, at(which) + row * apart, width));
    }

    private Kernel inGroups() {
      return (tasks, name, context) ->
          tasks.task(
              name,
              Wkv::inGroups,
              context,
              pass,
              layer,
              values,
              at(0),
              at(1),
              at(2),
              at(3),
              vectors,
              bonus,
              stride,
              states,
              at(4),
              LAYERS,
              heads,
              n,
              apart);
    }

    private Kernel plain() {
      return (tasks, name, _) ->
          tasks.task(
              name,
              Wkv::plain,
              pass,
              layer,
              values,
              at(0),
              at(1),
              at(2),
              at(3),
              vectors,
              bonus,
              stride,
              states,
              at(4),
              LAYERS,
              heads,
              n,
              apart);
    }
  }

  private static double[] absolute(double[] numbers) {
    return Arrays.stream(numbers).map(Math::abs).toArray();
  }

  @Test
  void aStateGoesToItsSlotAndComesBack() {
    int shifts = 33;
    int wkvs = 165;
    int size = 2 * shifts + wkvs;
    int slot = 3;
    int groups = Math.ceilDiv(size, Graph.ITEMS) + 1;
    IntArray of = Passes.ofSlot(slot);
    FloatArray state = random.floats(size + BORDER);
    FloatArray back = random.floats(size + BORDER);
    FloatArray att = random.floats(SLOTS * shifts);
    FloatArray ffn = random.floats(SLOTS * shifts);
    FloatArray matrices = random.floats(SLOTS * wkvs);
    Expected attAfter = new Expected(att);
    Expected ffnAfter = new Expected(ffn);
    Expected matricesAfter = new Expected(matrices);
    for (int i = 0; i < shifts; i++) {
      attAfter.set(slot * shifts + i, state.get(i), 0);
      ffnAfter.set(slot * shifts + i, state.get(shifts + i), 0);
    }
    for (int i = 0; i < wkvs; i++) {
      matricesAfter.set(slot * wkvs + i, state.get(2 * shifts + i), 0);
    }
    Expected backAfter = new Expected(back);
    for (int i = 0; i < size; i++) {
      backAfter.set(i, state.get(i), 0);
    }
    OneKernel.run(
        Graph.ITEMS,
        groups,
        (tasks, name, _) ->
            tasks.task(name, StateCopy::put, of, state, att, ffn, matrices, shifts, wkvs),
        of,
        state,
        att,
        ffn,
        matrices);
    attAfter.check(att, () -> "shifted rows of the time mix");
    ffnAfter.check(ffn, () -> "shifted rows of the channel mix");
    matricesAfter.check(matrices, () -> "matrices");
    OneKernel.run(
        Graph.ITEMS,
        groups,
        (tasks, name, _) ->
            tasks.task(name, StateCopy::get, of, back, att, ffn, matrices, shifts, wkvs),
        of,
        back,
        att,
        ffn,
        matrices);
    backAfter.check(back, () -> "the state");
    matricesAfter.check(matrices, () -> "matrices, after reading");
  }
}
