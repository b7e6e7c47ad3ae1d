package aviary.tornado;

import static aviary.reference.ReferenceOps.toDoubles;
import static aviary.tornado.Expected.ROUNDING;
import static aviary.tornado.RandomArrays.copy;

import aviary.reference.ReferenceOps;
import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.ShiftTable;
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

  /** Work items of a group of the plain form of the recurrence. */
  private static final int ITEMS = 4;

  private final RandomArrays random = new RandomArrays(71);
  private final IntArray pass = Passes.ofParts(PART_ROWS, PART_SLOTS);
  private final IntArray layer = RandomArrays.one(LAYER);

  /** Token shift with some lerps, in a direction. */
  @ParameterizedTest
  @CsvSource({
    "33, 0, 0",
    "33, 1, 0",
    "33, 1, 1",
    "100, 2, 0",
    "1, 3, 0",
    "64, 3, 1",
    "100, 4, 1",
    "33, 4, 0",
    "1, 4, 1"
  })
  void rowsAreShiftedAndMixedWithinTheirSequence(int width, int lerps, int direction) {
    new Shift(width, lerps, direction).check();
  }

  /** The shift of all parts and what is mixed from it. */
  private final class Shift {
    private final int width;
    private final int lerps;
    private final int direction;
    private final int stride;
    private final int x = BORDER;
    private final int difference;
    private final int y;
    private final int amounts = 7;
    private final int amountsStride;
    private final FloatArray values;
    private final FloatArray vectors;
    private final FloatArray shifted;

    Shift(int width, int lerps, int direction) {
      this.width = width;
      this.lerps = lerps;
      this.direction = direction;
      stride = Places.stride(width);
      int room = BORDER + PassTable.MOST_ROWS * stride;
      difference = x + room;
      y = difference + room;
      amountsStride = lerps * width + 11;
      values = random.floats(y + lerps * PassTable.MOST_ROWS * stride + BORDER);
      vectors = random.floats(amounts + (LAYER + 1) * amountsStride);
      shifted = random.floats(SLOTS * LAYERS * width);
    }

    void check() {
      Expected expected = new Expected(values);
      Expected state = new Expected(shifted);
      int begin = 0;
      for (int part = 0; part < PART_ROWS.length; part++) {
        int end = begin + PART_ROWS[part];
        for (int channel = 0; channel < width; channel++) {
          int kept = (PART_SLOTS[part] * LAYERS + LAYER) * width + channel;
          double before = state.before(kept);
          for (int row = begin; row < end; row++) {
            double now = expected.before(x + row * stride + channel);
            expect(expected, row, channel, before, now);
            before = now;
          }
          state.set(kept, before, 0);
        }
        begin = end;
      }
      IntArray table = table();
      OneKernel.run(
          Graph.ITEMS,
          Math.ceilDiv((PART_ROWS.length + 1) * width, Graph.ITEMS),
          (tasks, name, _) ->
              tasks.task(name, TokenShift::shift, pass, layer, table, values, shifted, vectors),
          pass,
          layer,
          table,
          values,
          shifted,
          vectors);
      expected.check(values, random::toString);
      state.check(shifted, () -> "states, " + random);
    }

    private IntArray table() {
      IntArray table = new IntArray(ShiftTable.SIZE);
      table.set(ShiftTable.X, x);
      table.set(ShiftTable.DIFFERENCE, difference);
      table.set(ShiftTable.Y, y);
      table.set(ShiftTable.WIDTH, width);
      table.set(ShiftTable.VALUE_STRIDE, stride);
      table.set(ShiftTable.LERPS, lerps);
      table.set(ShiftTable.DIRECTION, direction);
      table.set(ShiftTable.AMOUNTS, amounts);
      table.set(ShiftTable.STRIDE, amountsStride);
      table.set(ShiftTable.LAYERS, LAYERS);
      return table;
    }

    /** The difference is the nearest float; a lerp is three operations, a rounding each. */
    private void expect(Expected expected, int row, int channel, double before, double now) {
      int at = row * stride + channel;
      expected.set(difference + at, (float) (before - now), 0);
      double from = direction == TokenShift.FROM_X ? now : before;
      double to = direction == TokenShift.FROM_X ? before : now;
      for (int c = 0; c < lerps; c++) {
        double mix = vectors.get(amounts + LAYER * amountsStride + c * width + channel);
        double size = Math.abs(from) + (Math.abs(to) + Math.abs(from)) * Math.abs(mix);
        expected.set(
            y + c * PassTable.MOST_ROWS * stride + at,
            from + (to - from) * mix,
            3 * ROUNDING * size);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GROUPS, 64, 2",
    "GROUPS, 24, 3",
    "GROUPS, 16, 3",
    "GROUPS, 5, 3",
    "PLAIN, 65, 2",
    "PLAIN, 64, 2",
    "PLAIN, 24, 3",
    "PLAIN, 16, 3",
    "PLAIN, 5, 3"
  })
  void recurrencesAreThoseOfTheReference(Form form, int n, int heads) {
    new Recurrence(form, n, heads).check();
  }

  /** Heads of N channels, by one of the two kernels. */
  private final class Recurrence {
    private final int n;
    private final int heads;
    private final Form form;
    private final int width;
    private final int valueStride;
    private final int room;
    private final FloatArray values;
    private final FloatArray vectors;
    private final FloatArray states;
    private final int stride;
    private final int bonus = 9;

    Recurrence(Form form, int n, int heads) {
      this.form = form;
      this.n = n;
      this.heads = heads;
      width = heads * n;
      valueStride = Places.stride(width);
      room = ROWS * valueStride + BORDER;
      stride = width + 31;
      values = random.floats(5 * room + BORDER);
      for (int i = 0; i < ROWS * valueStride; i++) {
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
      switch (form) {
        case GROUPS ->
            OneKernel.run(n, parts * heads, inGroups(), pass, layer, values, vectors, states);
        case PLAIN -> {
          int blocks = Math.ceilDiv(n, Wkv.COLUMNS);
          int groups = Math.ceilDiv((parts + 1) * heads * blocks, ITEMS);
          OneKernel.run(ITEMS, groups, plain(), pass, layer, values, vectors, states);
        }
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
          results.set(at(4) + row * valueStride + i, y[i], roundings * size[i]);
        }
      }
      for (int i = 0; i < state.length; i++) {
        after.set(stateAt + i, state[i], roundings * sizes[i]);
      }
    }

    private double[] row(int which, int row) {
      return toDoubles(copy(values, at(which) + row * valueStride, width));
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
              valueStride);
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
              valueStride);
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
    try (OneKernel get =
        OneKernel.ofWriter(
            back,
            Graph.ITEMS,
            (tasks, name, _) ->
                tasks.task(name, StateCopy::get, of, back, att, ffn, matrices, shifts, wkvs),
            of,
            back,
            att,
            ffn,
            matrices)) {
      get.run(groups);
    }
    backAfter.check(back, () -> "the state");
    matricesAfter.check(matrices, () -> "matrices, after reading");
  }
}
