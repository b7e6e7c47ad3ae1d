package aviary.tornado;

import aviary.model.Op.MatMul.Layout;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.kernels.Tiles;

/**
 * A matrix times activations, and what becomes of the sums: {@code out = plus + times *
 * activation(weight in + bias)}.
 *
 * @param weight the tensor
 * @param layout how the matrix lies in it
 * @param part which of the tensor's matrices it is, where it has several behind each other
 * @param firstRow the first of the matrix's rows that are taken, a multiple of {@link Tiles#ROWS}
 * @param rows how many are taken
 * @param columns its columns
 * @param in where the activations are, from column {@code firstColumn} on
 * @param activation one of {@link aviary.tornado.kernels.Activations}
 * @param bias null for none
 * @param times null for none
 * @param plus null for none
 */
record Product(
    Weight weight,
    Layout layout,
    int part,
    int firstRow,
    int rows,
    int columns,
    Value in,
    int firstColumn,
    int activation,
    Weight bias,
    Value times,
    Value plus,
    Value out) {

  /** The tiles of the matrix. */
  int tiles() {
    return Math.ceilDiv(rows, Tiles.ROWS);
  }

  /** The same with some of the rows only. */
  Product withRows(int first, int count) {
    return new Product(
        weight,
        layout,
        part,
        first,
        count,
        columns,
        in,
        firstColumn,
        activation,
        bias,
        times,
        plus,
        out);
  }

  /** The same with another end. */
  Product ending(int newActivation, Weight newBias, Value newTimes, Value newPlus, Value newOut) {
    return new Product(
        weight,
        layout,
        part,
        firstRow,
        rows,
        columns,
        in,
        firstColumn,
        newActivation,
        newBias,
        newTimes,
        newPlus,
        newOut);
  }
}
