package aviary.tornado;

import aviary.tornado.kernels.Touch;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Tasks that take every array once, so that a graph brings all of them to the device. */
final class TouchTasks {
  private final Graph graph;
  private final DeviceModel device;

  TouchTasks(Graph graph, DeviceModel device) {
    this.graph = graph;
    this.device = device;
  }

  /** Makes them, and the arrays that fill up the last of them. */
  void add() {
    several();
    for (HalfFloatArray array : device.memory.allHalves()) {
      graph.tasks().task(name(), Touch::halves, device.layer, array);
    }
    for (Int8Array array : device.memory.allBytes()) {
      graph.tasks().task(name(), Touch::bytes, device.layer, array);
    }
  }

  private String name() {
    return graph.fewItems("touch", _ -> 1);
  }

  private void several() {
    List<IntArray> ints = new ArrayList<>(device.memory.allInts());
    ints.remove(device.layer);
    List<FloatArray> floats = new ArrayList<>(device.memory.allFloats());
    int tasks =
        Math.max(Math.ceilDiv(ints.size(), Touch.INTS), Math.ceilDiv(floats.size(), Touch.FLOATS));
    while (ints.size() < tasks * Touch.INTS) {
      ints.add(device.memory.ints(0));
    }
    while (floats.size() < tasks * Touch.FLOATS) {
      floats.add(device.memory.floats(1));
    }
    for (int task = 0; task < tasks; task++) {
      int i = task * Touch.INTS;
      int f = task * Touch.FLOATS;
      graph
          .tasks()
          .task(
              name(),
              Touch::several,
              device.layer,
              ints.get(i),
              ints.get(i + 1),
              ints.get(i + 2),
              ints.get(i + 3),
              ints.get(i + 4),
              ints.get(i + 5),
              ints.get(i + 6),
              floats.get(f),
              floats.get(f + 1),
              floats.get(f + 2),
              floats.get(f + 3),
              floats.get(f + 4),
              floats.get(f + 5));
    }
  }
}
