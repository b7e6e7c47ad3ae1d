package aviary.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import aviary.cpu.ManyRows.Rows;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of many rows by a library, called through its C interface (CBLAS). Each worker calls it
 * for channels of its own, so the library uses one thread.
 *
 * <p>A library that multiplies matrices of BF16 takes BF16 weights where they are. The activations
 * are given as the sum of two BF16 numbers, in two products: that keeps 16 bits of their fractions.
 */
@SuppressWarnings("restricted") // To call a library is what this is for.
final class Blas {

  /** CBLAS_ORDER and CBLAS_TRANSPOSE. */
  private static final int ROW_MAJOR = 101;

  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  /** MKL_THREADING_GNU: needs a library that is on every Linux, and none beside it. */
  private static final int MKL_GNU_THREADS = 3;

  /** Of {@code cblas_sgemm}, and with the same types of those for BF16. */
  private static final FunctionDescriptor GEMM =
      FunctionDescriptor.ofVoid(
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT);

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private final BlasLibrary library;
  private final SymbolLookup symbols;
  private final MethodHandle floats;
  private final Optional<MethodHandle> bf16;

  /**
   * @param symbols those of the library
   */
  Blas(BlasLibrary library, SymbolLookup symbols) {
    this.library = library;
    this.symbols = symbols;
    floats = gemm("cblas_sgemm").orElseThrow();
    bf16 = gemm("cblas_gemm_bf16bf16f32").or(() -> gemm("cblas_sbgemm"));
    useOneThread();
  }

  /** Critical: activations and results are in the heap, and are not copied. */
  private Optional<MethodHandle> gemm(String name) {
    return symbols
        .find(name)
        .map(symbol ->
            Linker.nativeLinker().downcallHandle(symbol, GEMM, Linker.Option.critical(true)));
  }

  private void useOneThread() {
    switch (library) {
      case OPENBLAS -> call("openblas_set_num_threads", 1);
      case MKL -> {
        call("MKL_Set_Threading_Layer", MKL_GNU_THREADS);
        call("MKL_Set_Num_Threads", 1);
      }
    }
  }

  /** Calls a function that the library may lack, and whose result does not matter. */
  private void call(String name, int argument) {
    symbols
        .find(name)
        .ifPresent(symbol -> {
          try {
            Linker.nativeLinker()
                .downcallHandle(symbol, FunctionDescriptor.ofVoid(JAVA_INT))
                .invokeExact(argument);
          } catch (Throwable e) {
            throw new IllegalStateException(name, e);
          }
        });
  }

  /** Whether it multiplies matrices of BF16. */
  boolean hasBf16() {
    return bf16.isPresent();
  }

  /** Whether it takes a matrix as it is. */
  boolean takes(Matrix w) {
    return w instanceof F32Matrix || w instanceof Bf16Matrix && hasBf16();
  }

  /**
   * As {@link ManyRows#product}, of a matrix that it {@link #takes}.
   *
   * @param room of the member's own
   */
  void product(Matrix w, Rows x, int rows, Rows y, int from, int to, Room room) {
    MemorySegment weights = w.data().asSlice(4L / w.weightsInInt() * from * w.ins());
    MemorySegment results = MemorySegment.ofArray(y.array()).asSlice(4L * (y.at() + from));
    if (w instanceof F32Matrix) {
      MemorySegment activations = MemorySegment.ofArray(x.array()).asSlice(4L * x.at());
      gemm(
          floats,
          rows,
          to - from,
          w.ins(),
          activations,
          x.stride(),
          weights,
          0,
          results,
          y.stride());
      return;
    }
    short[] high = room.shorts(2 * rows * w.ins());
    int low = rows * w.ins();
    for (int row = 0; row < rows; row++) {
      split(x.array(), x.begin(row), w.ins(), high, row * w.ins(), low);
    }
    MemorySegment parts = MemorySegment.ofArray(high);
    MethodHandle gemm = bf16.orElseThrow();
    gemm(gemm, rows, to - from, w.ins(), parts, w.ins(), weights, 0, results, y.stride());
    gemm(
        gemm,
        rows,
        to - from,
        w.ins(),
        parts.asSlice(2L * low),
        w.ins(),
        weights,
        1,
        results,
        y.stride());
  }

  private static void gemm(
      MethodHandle gemm,
      int rows,
      int outs,
      int ins,
      MemorySegment x,
      int xStride,
      MemorySegment w,
      float keep,
      MemorySegment y,
      int yStride) {
    try {
      gemm.invokeExact(
          ROW_MAJOR, PLAIN, TRANSPOSED, rows, outs, ins, 1f, x, xStride, w, ins, keep, y, yStride);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the nearest BF16 of each number, and {@code apart} behind it that of what is left. */
  static void split(float[] x, int xAt, int count, short[] parts, int at, int apart) {
    int i = 0;
    for (; i < Lanes.whole(count); i += L) {
      FloatVector number = FloatVector.fromArray(F, x, xAt + i);
      IntVector high = nearest(number);
      FloatVector rest = number.sub(high.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
      ((ShortVector) high.convertShape(VectorOperators.I2S, Lanes.SHORTS, 0))
          .intoArray(parts, at + i);
      ((ShortVector) nearest(rest).convertShape(VectorOperators.I2S, Lanes.SHORTS, 0))
          .intoArray(parts, at + apart + i);
    }
    for (; i < count; i++) {
      int high = nearest(x[xAt + i]);
      float rest = x[xAt + i] - Float.intBitsToFloat(high << 16);
      parts[at + i] = (short) high;
      parts[at + apart + i] = (short) nearest(rest);
    }
  }

  /** The upper halves of the nearest BF16 numbers, where two are as near of the even ones. */
  private static IntVector nearest(FloatVector number) {
    IntVector bits = number.reinterpretAsInts();
    return bits.lanewise(VectorOperators.LSHR, 16)
        .and(1)
        .add(0x7FFF)
        .add(bits)
        .lanewise(VectorOperators.LSHR, 16);
  }

  private static int nearest(float number) {
    int bits = Float.floatToRawIntBits(number);
    return (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }

  /** What people call it, with its version where it tells. */
  @Override
  public String toString() {
    return library.title() + (hasBf16() ? " (f32, bf16)" : " (f32)");
  }

  /** Room for a member's activations, which grows. */
  static final class Room {
    private short[] shorts = new short[0];

    long bytes() {
      return (long) Short.BYTES * shorts.length;
    }

    private short[] shorts(int count) {
      if (shorts.length < count) {
        shorts = new short[count];
      }
      return shorts;
    }
  }
}
