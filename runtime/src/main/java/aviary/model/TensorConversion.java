package aviary.model;

import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor to be made of numbers in a type of weights. Ranges of its blocks are made by themselves,
 * in any order and by any thread, each always of the same bytes.
 *
 * @param name its name
 * @param shape its shape
 * @param source its numbers
 * @param type what they become
 */
record TensorConversion(String name, long[] shape, WeightSource source, WeightType type) {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Suits vector loads and cache lines. */
  private static final long ALIGNMENT = 64;

  /** Blocks in a run, which stays in a core's cache in all its forms. */
  private static final long RUN = WeightSource.Reader.MOST / Q8_0.BLOCK;

  /** Blocks in a piece of work for one thread: a megabyte of floats. */
  private static final long PIECE = 1 << 13;

  BlockGrid grid() {
    return BlockGrid.of(shape);
  }

  /** Whether scales are made too. */
  boolean quantizes() {
    return type == WeightType.Q8_0;
  }

  private String scaleName() {
    return Q8_0.scaleName(name);
  }

  private long[] scaleShape() {
    return new long[] {grid().rows(), grid().blocksInRow()};
  }

  /** What is made, for a file: the weights, and if they are in Q8_0 their scales. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    ConversionPayload payload = new ConversionPayload(this);
    entries.add(new Entry(name, type.dtype(), shape, payload));
    if (quantizes()) {
      entries.add(new Entry(scaleName(), DType.F16, scaleShape(), payload.scales()));
    }
    return entries;
  }

  /**
   * Makes tensors in memory, on all cores.
   *
   * @param arena where they go; open to all threads
   * @return for each conversion the weights, and if they are in Q8_0 their scales
   */
  static List<List<Tensor>> make(List<TensorConversion> conversions, Arena arena) {
    // Fresh memory is filled with zeros, which is much of the work, so that is spread as well.
    List<List<Tensor>> made = conversions.parallelStream().map(c -> c.allocate(arena)).toList();
    List<Runnable> pieces = new ArrayList<>();
    for (int i = 0; i < conversions.size(); i++) {
      pieces.addAll(conversions.get(i).pieces(made.get(i)));
    }
    pieces.parallelStream().forEach(Runnable::run);
    return made;
  }

  private List<Tensor> allocate(Arena arena) {
    List<Tensor> tensors = new ArrayList<>();
    for (Entry entry : entries()) {
      MemorySegment data = arena.allocate(entry.byteSize(), ALIGNMENT);
      tensors.add(new Tensor(entry.name(), entry.dtype(), entry.shape(), data));
    }
    return tensors;
  }

  private List<Runnable> pieces(List<Tensor> made) {
    BlockGrid grid = grid();
    List<Runnable> pieces = new ArrayList<>();
    for (long first = 0; first < grid.blocks(); first += PIECE) {
      long from = first;
      long to = Math.min(from + PIECE, grid.blocks());
      MemorySegment weights =
          made.getFirst().data().asSlice(grid.start(from) * type.dtype().bytes());
      MemorySegment scales =
          quantizes() ? made.getLast().data().asSlice(from * DType.F16.bytes()) : null;
      pieces.add(() -> run(from, to, weights, scales));
    }
    return pieces;
  }

  /**
   * Makes a range of blocks.
   *
   * @param first the first block
   * @param end the block after the last
   * @param weights where their weights go, from its start
   * @param scales where their scales go, from its start; used only in Q8_0
   * @throws aviary.InputException if the type cannot hold a number
   */
  void run(long first, long end, MemorySegment weights, MemorySegment scales) {
    BlockGrid grid = grid();
    WeightSource.Reader reader = source.reader();
    WeightRounding rounding = new WeightRounding(name, grid);
    float[] numbers = new float[WeightSource.Reader.MOST];
    long origin = grid.start(first);
    for (long block = first; block < end; block += RUN) {
      long start = grid.start(block);
      int count = (int) (grid.start(Math.min(block + RUN, end)) - start);
      reader.read(start, count, numbers);
      long at = (start - origin) * type.dtype().bytes();
      switch (type) {
        case F32 -> MemorySegment.copy(numbers, 0, weights, FLOAT, at, count);
        case F16 -> copy(rounding.toF16(numbers, count, start), weights, at, count);
        case BF16 -> copy(rounding.toBf16(numbers, count, start), weights, at, count);
        case Q8_0 -> {
          int blocks = rounding.toQ8(numbers, count, start);
          MemorySegment.copy(rounding.bytes(), 0, weights, ValueLayout.JAVA_BYTE, at, count);
          copy(rounding.scales(), scales, (block - first) * DType.F16.bytes(), blocks);
        }
      }
    }
  }

  private static void copy(short[] shorts, MemorySegment to, long at, int count) {
    MemorySegment.copy(shorts, 0, to, SHORT, at, count);
  }
}
