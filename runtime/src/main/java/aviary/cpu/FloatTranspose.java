package aviary.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Rows and columns of matrices of floats in arrays, exchanged tile by tile. */
final class FloatTranspose {
  private static final int TILE = IntTile.SIZE;

  /** Room for a tile; so this is for one thread. */
  private final int[] tile = new int[TILE * TILE];

  /** The same: {@link IntTile} reads segments. */
  private final MemorySegment segment = MemorySegment.ofArray(tile);

  /**
   * Writes the columns of a matrix as rows.
   *
   * @param from a matrix [rows, columns] from {@code at} on, rows {@code stride} floats apart
   * @param to takes [columns, rows] from {@code toAt} on, rows {@code toStride} floats apart
   */
  void write(
      float[] from, int at, int stride, float[] to, int toAt, int toStride, int rows, int columns) {
    // IntTile reads ints from a segment. Floats are copied to its tile as ints first: the compiler
    // makes no vectors of loads of ints from a segment over floats.
    int wholeRows = IntTile.isPossible() ? rows - rows % TILE : 0;
    int wholeColumns = columns - columns % TILE;
    for (int row = 0; row < wholeRows; row += TILE) {
      for (int column = 0; column < wholeColumns; column += TILE) {
        int corner = at + row * stride + column;
        for (int r = 0; r < TILE; r++) {
          FloatVector.fromArray(Lanes.FLOATS, from, corner + r * stride)
              .reinterpretAsInts()
              .intoArray(tile, r * TILE);
        }
        IntTile.transpose(segment, 0, TILE * Integer.BYTES, tile);
        for (int c = 0; c < TILE; c++) {
          IntVector.fromArray(Lanes.INTS, tile, c * TILE)
              .reinterpretAsFloats()
              .intoArray(to, toAt + (column + c) * toStride + row);
        }
      }
      rest(from, at, stride, to, toAt, toStride, row, row + TILE, wholeColumns, columns);
    }
    rest(from, at, stride, to, toAt, toStride, wholeRows, rows, 0, columns);
  }

  /** Some rows of some columns, number by number. */
  private static void rest(
      float[] from,
      int at,
      int stride,
      float[] to,
      int toAt,
      int toStride,
      int firstRow,
      int endRow,
      int firstColumn,
      int endColumn) {
    for (int column = firstColumn; column < endColumn; column++) {
      for (int row = firstRow; row < endRow; row++) {
        to[toAt + column * toStride + row] = from[at + row * stride + column];
      }
    }
  }
}
