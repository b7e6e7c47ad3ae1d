package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What becomes of a sum of products, for kernels to call: TornadoVM compiles it into the kernel.
 */
final class Results {
  private Results() {}

  /**
   * {@code plus + times * activation(sum + bias)}.
   *
   * @param tile where the tile is in the table
   * @param place the place of the result behind the tile's first: row of activations times stride,
   *     and row of the tile
   * @param row the row of the tile
   */
  static float of(
      IntArray tiles,
      int tile,
      IntArray layer,
      FloatArray values,
      FloatArray vectors,
      int place,
      int row,
      float sum) {
    float argument = sum;
    int bias = tiles.get(tile + Tiles.BIAS);
    if (bias >= 0) {
      argument += vectors.get(bias + layer.get(0) * tiles.get(tile + Tiles.BIAS_STRIDE) + row);
    }
    float result = Activations.of(tiles.get(tile + Tiles.ACTIVATION), argument);
    int times = tiles.get(tile + Tiles.TIMES);
    if (times >= 0) {
      result = result * values.get(times + place);
    }
    int plus = tiles.get(tile + Tiles.PLUS);
    if (plus >= 0) {
      result = values.get(plus + place) + result;
    }
    return result;
  }
}
