package aviary.tornado;

import aviary.tornado.kernels.Tiles;
import java.util.function.IntToDoubleFunction;

/**
 * Matrices of several layers in tiles, [layers, tiles, in, 8], and what becomes of their products.
 *
 * @param ins the columns
 * @param outs the rows; the last tile has rows of zeros behind them
 */
record TiledMatrix(int ins, int outs) {

  /** The tiles of a layer. */
  int tiles() {
    return Math.ceilDiv(outs, Tiles.ROWS);
  }

  /** The elements of a layer. */
  int size() {
    return tiles() * Tiles.ROWS * ins;
  }

  /** Where an element of the first layer is. */
  int place(int row, int column) {
    return (row / Tiles.ROWS * ins + column) * Tiles.ROWS + row % Tiles.ROWS;
  }

  /** Where the scale of an element of the first layer is. */
  int scale(int row, int column) {
    return (row / Tiles.ROWS * (ins / 32) + column / 32) * Tiles.ROWS + row % Tiles.ROWS;
  }

  /** Whether a place is of a row that there is. */
  boolean isThere(int place) {
    int row = place / (ins * Tiles.ROWS) * Tiles.ROWS + place % Tiles.ROWS;
    return row < outs;
  }

  /** A sum of products, and the sum of their sizes. */
  record Sum(double sum, double size) {}

  /**
   * A row times activations.
   *
   * @param weight gives a column's weight
   * @param x gives a column's activation
   */
  Sum product(IntToDoubleFunction weight, IntToDoubleFunction x) {
    double sum = 0;
    double size = 0;
    for (int column = 0; column < ins; column++) {
      double term = weight.applyAsDouble(column) * x.applyAsDouble(column);
      sum += term;
      size += Math.abs(term);
    }
    return new Sum(sum, size);
  }
}
