package aviary.tornado;

import aviary.engine.Layers;
import aviary.model.Model;
import aviary.model.Weight;
import aviary.tornado.kernels.Tiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The small weights, one number a channel, in one array: layer by layer, then those that belong to
 * no layer, and then single numbers.
 */
final class Vectors {
  private final Model model;
  private final Layers layers;
  private final Map<Weight, Integer> ofLayer = new LinkedHashMap<>();
  private final Map<Weight, Integer> others = new LinkedHashMap<>();
  private final Map<Float, Integer> numbers = new LinkedHashMap<>();
  private int stride;
  private int size;

  /**
   * @param layers which layers' weights there are
   * @param layerWeights the weights of a layer, in the order in which they are to stand
   * @param otherWeights those of no layer
   * @param singleNumbers what kernels need beside weights
   */
  Vectors(
      Model model,
      Layers layers,
      List<Weight> layerWeights,
      List<Weight> otherWeights,
      List<Float> singleNumbers) {
    this.model = model;
    this.layers = layers;
    int width = model.config().width();
    for (Weight weight : layerWeights) {
      if (ofLayer.putIfAbsent(weight, stride) == null) {
        stride += width;
      }
    }
    size = Math.multiplyExact(stride, layers.count());
    for (Weight weight : otherWeights) {
      if (others.putIfAbsent(weight, size) == null) {
        size = Math.addExact(size, width);
      }
    }
    for (float number : singleNumbers) {
      if (numbers.putIfAbsent(number, size) == null) {
        size = Math.incrementExact(size);
      }
    }
  }

  /** Where a weight's numbers begin; those of the first layer. */
  int place(Weight weight) {
    return others.containsKey(weight) ? others.get(weight) : ofLayer.get(weight);
  }

  /** Where a single number is. */
  int place(float number) {
    return numbers.get(number);
  }

  /** How far apart the weights of two layers are; 0 for a weight of no layer. */
  int stride(Weight weight) {
    return others.containsKey(weight) ? 0 : stride;
  }

  /** How many there are, with room for a tile of results behind the last. */
  int size() {
    return Math.addExact(size, Tiles.ROWS);
  }

  void write(FloatArray array) {
    for (int layer = 0; layer < layers.count(); layer++) {
      for (Map.Entry<Weight, Integer> entry : ofLayer.entrySet()) {
        write(
            array,
            layer * stride + entry.getValue(),
            entry.getKey(),
            entry.getKey().inLayer(layers.first() + layer));
      }
    }
    others.forEach((weight, place) -> write(array, place, weight, weight.name()));
    numbers.forEach((number, place) -> array.set(place, number));
  }

  private void write(FloatArray array, int place, Weight weight, String name) {
    float[] numbers = model.vector(weight, name);
    for (int i = 0; i < numbers.length; i++) {
      array.set(place + i, numbers[i]);
    }
  }
}
