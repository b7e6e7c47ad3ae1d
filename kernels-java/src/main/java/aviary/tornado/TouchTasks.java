package aviary.tornado;

import aviary.tornado.kernels.Touch;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Tasks that take every array once, so that a graph brings all of them to the device. */
final class TouchTasks {
  private final Graph graph;
  private final IntArray layer;

  TouchTasks(Graph graph, IntArray layer) {
    this.graph = graph;
    this.layer = layer;
  }

  void add(DeviceModel device) {
    floats(device.memory.allFloats());
    for (HalfFloatArray array : device.memory.allHalves()) {
      graph.tasks().task(name(), Touch::halves, layer, array);
    }
    for (Int8Array array : device.memory.allBytes()) {
      graph.tasks().task(name(), Touch::bytes, layer, array);
    }
    graph.tasks().task(name(), Touch::ints, layer, device.pass, device.tiles, device.sources);
  }

  private String name() {
    return graph.fewItems("touch", _ -> 1);
  }

  private void floats(List<FloatArray> arrays) {
    int i = 0;
    for (; i + Touch.ARRAYS <= arrays.size(); i += Touch.ARRAYS) {
      graph
          .tasks()
          .task(
              name(),
              Touch::severalFloats,
              layer,
              arrays.get(i),
              arrays.get(i + 1),
              arrays.get(i + 2),
              arrays.get(i + 3),
              arrays.get(i + 4),
              arrays.get(i + 5));
    }
    for (FloatArray array : arrays.subList(i, arrays.size())) {
      graph.tasks().task(name(), Touch::floats, layer, array);
    }
  }
}
