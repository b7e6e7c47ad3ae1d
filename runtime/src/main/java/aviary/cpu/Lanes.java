package aviary.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vectors of this machine. */
public final class Lanes {
  private static final int LEAST_BITS = 128;
  private static final int MOST_BITS = 512;

  /**
   * The widest vectors of floats, up to 16 of them; and 4 where the machine or the JVM has only
   * shorter ones, for which the kernels are not made.
   */
  public static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(
          float.class,
          VectorShape.forBitSize(
              Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), LEAST_BITS, MOST_BITS)));

  /** The number of floats in a vector: 4, 8 or 16. */
  public static final int COUNT = FLOATS.length();

  /** As many ints as {@link #FLOATS} has floats. */
  public static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

  /** As many shorts as {@link #FLOATS} has floats. */
  public static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  /** How the elements of tensors lie in memory. */
  public static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private Lanes() {}

  /** Where the last whole vector of {@code count} floats ends. */
  public static int whole(int count) {
    return FLOATS.loopBound(count);
  }
}
