package aviary.jmh;

import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reads the weights of a model as fast as memory gives them, to know the limit of everything that
 * has to read them.
 */
final class WeightReader implements AutoCloseable {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int STEP = 4 * INTS.vectorByteSize();

  /** Small enough that threads end together. */
  private static final long PIECE = 1 << 20;

  private final List<MemorySegment> pieces = new ArrayList<>();
  private final ExecutorService threads;
  private final int count;

  /**
   * @param model the model; of the embedding a token reads one row only, so that it is left out
   * @param count the number of threads
   */
  WeightReader(Model model, int count) {
    for (Tensor tensor : model.tensors().values()) {
      MemorySegment data = tensor.data();
      for (long at = 0; at < data.byteSize() && !tensor.name().startsWith("emb."); at += PIECE) {
        pieces.add(data.asSlice(at, Math.min(PIECE, data.byteSize() - at)));
      }
    }
    this.count = count;
    threads = Executors.newFixedThreadPool(count);
  }

  /**
   * Reads all once, but for what fills no step at the end of a tensor. The sum is there so that the
   * compiler cannot leave the reading out.
   */
  long read() {
    AtomicInteger next = new AtomicInteger();
    Callable<Long> work =
        () -> {
          long sum = 0;
          for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
            MemorySegment piece = pieces.get(i);
            sum += sum(piece, piece.byteSize() / STEP * STEP);
          }
          return sum;
        };
    try {
      long sum = 0;
      for (Future<Long> part : threads.invokeAll(Collections.nCopies(count, work))) {
        sum += part.get();
      }
      return sum;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Both halves at the same time: two places that are read on and on are read faster than one. */
  private static int sum(MemorySegment data, long bytes) {
    IntVector a = IntVector.zero(INTS);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    int size = INTS.vectorByteSize();
    ByteOrder order = ByteOrder.nativeOrder();
    long half = bytes / 2;
    for (long at = 0; at < half; at += STEP / 2) {
      a = a.add(IntVector.fromMemorySegment(INTS, data, at, order));
      b = b.add(IntVector.fromMemorySegment(INTS, data, at + size, order));
      c = c.add(IntVector.fromMemorySegment(INTS, data, half + at, order));
      d = d.add(IntVector.fromMemorySegment(INTS, data, half + at + size, order));
    }
    IntVector all = a.add(b).add(c.add(d));
    int sum = 0;
    for (int lane = 0; lane < INTS.length(); lane++) {
      sum += all.lane(lane);
    }
    return sum;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
