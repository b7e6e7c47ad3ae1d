package aviary.tornado;

import aviary.engine.DeviceException;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Stage;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.tornado.DeviceModel.Limits;
import aviary.tornado.kernels.Pass;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs a model on a device that TornadoVM drives. */
final class TornadoEngine implements Stage {

  private final Model model;
  private final String id;
  private final DeviceModel device;
  private final Graphs graphs;
  private final DevicePlan plan;
  private final Slots slots;
  private final DeviceCost cost = new DeviceCost();

  TornadoEngine(Model model, String id, TornadoDevice tornadoDevice) {
    this(model, id, tornadoDevice, Limits.of(tornadoDevice));
  }

  /**
   * @param limits what is to be used of the device
   */
  TornadoEngine(Model model, String id, TornadoDevice tornadoDevice, Limits limits) {
    this.model = model;
    this.id = id;
    device = new DeviceModel(model, id, limits);
    TaskGrids grids = new TaskGrids();
    graphs = grids.making(id, () -> new Graphs(device, grids));
    slots = new Slots(device.slots);
    plan = new DevicePlan(id, tornadoDevice, grids, graphs.all(), cost);
    try {
      plan.execute(graphs.load, new Counts(1, 1, 1));
    } catch (DeviceException e) {
      plan.close();
      throw e;
    }
  }

  @Override
  public Layers layers() {
    return Layers.all(model.config().layers());
  }

  @Override
  public String device() {
    return id;
  }

  /** What its work has cost so far. */
  DeviceCost cost() {
    return cost;
  }

  /** From now on the profiler measures what the device does. */
  void profile() {
    plan.profile();
  }

  @Override
  public aviary.engine.Pass.Limits limits() {
    return new aviary.engine.Pass.Limits(Pass.MOST_ROWS, device.slots, DeviceModel.MOST_WANTED);
  }

  @Override
  public State newState(StateData data) {
    return new DeviceState(this, data);
  }

  @Override
  public Logits run(aviary.engine.Pass piece, float[] hidden) {
    Set<DeviceState> needed = new HashSet<>();
    piece.parts().forEach(part -> needed.add((DeviceState) part.state()));
    needed.forEach(state -> bring(state, needed));
    write(piece);
    Counts counts = new Counts(piece.rows(), piece.parts().size(), piece.wanted().length);
    plan.execute(graphs.start, counts);
    List<Graph> layers = counts.rows() == 1 ? graphs.oneRow : graphs.manyRows;
    for (int chunk = 0; chunk < layers.size(); chunk++) {
      for (int layer = 0; layer < device.chunks.get(chunk).count(); layer++) {
        plan.execute(layers.get(chunk), counts);
      }
    }
    if (counts.wanted() == 0) {
      return Logits.NONE;
    }
    boolean one = counts.wanted() == 1;
    plan.execute(one ? graphs.oneWanted : graphs.manyWanted, counts);
    cost.out(device.best.getNumBytesOfSegment());
    int[] best = new int[counts.wanted()];
    for (int row = 0; row < best.length; row++) {
      best[row] = device.best.get(row);
    }
    return new DeviceLogits(best, this::fetchLogits);
  }

  private float[] fetchLogits(int row) {
    device.pass.set(Pass.SLOT, row);
    plan.execute(graphs.logits, new Counts(1, 1, 1));
    cost.in(device.pass.getNumBytesOfSegment());
    cost.out(device.logits.getNumBytesOfSegment());
    return slice(device.logits, 0, model.config().vocabulary());
  }

  private static float[] slice(FloatArray array, int from, int count) {
    float[] slice = new float[count];
    MemorySegment.copy(
        array.getSegment(), ValueLayout.JAVA_FLOAT, (long) from * Float.BYTES, slice, 0, count);
    return slice;
  }

  private void write(aviary.engine.Pass piece) {
    device.pass.set(Pass.ROWS, piece.rows());
    device.pass.set(Pass.PARTS, piece.parts().size());
    device.pass.set(Pass.WANTED, piece.wanted().length);
    for (int row = 0; row < piece.rows(); row++) {
      device.pass.set(Pass.TOKENS + row, piece.tokens()[row]);
    }
    for (int i = 0; i < piece.wanted().length; i++) {
      device.pass.set(Pass.WANTED_ROWS + i, piece.wanted()[i]);
    }
    for (int i = 0; i < piece.parts().size(); i++) {
      aviary.engine.Pass.Part part = piece.parts().get(i);
      device.pass.set(Pass.PART_BEGIN + i, part.begin());
      device.pass.set(Pass.PART_ROWS + i, part.rows());
      device.pass.set(Pass.PART_SLOT + i, ((DeviceState) part.state()).slot());
    }
    cost.in(device.pass.getNumBytesOfSegment());
  }

  /** Sees to it that a state is in a slot. */
  private void bring(DeviceState state, Set<DeviceState> needed) {
    if (!state.isOnDevice()) {
      if (!slots.hasFree()) {
        DeviceState oldest = slots.oldest(needed);
        StateData data = fetch(oldest.slot());
        slots.free(oldest);
        oldest.leave(data);
      }
      int slot = slots.take();
      put(state.data(), slot);
      state.arrive(slot);
    }
    slots.touch(state);
  }

  private void put(StateData data, int slot) {
    MemorySegment to = device.arriving.getSegment();
    int shifts = device.shifts();
    MemorySegment.copy(data.attShift(), 0, to, ValueLayout.JAVA_FLOAT, 0, shifts);
    MemorySegment.copy(
        data.ffnShift(), 0, to, ValueLayout.JAVA_FLOAT, (long) shifts * Float.BYTES, shifts);
    MemorySegment.copy(
        data.wkv(), 0, to, ValueLayout.JAVA_FLOAT, 2L * shifts * Float.BYTES, device.wkvs());
    device.pass.set(Pass.SLOT, slot);
    plan.execute(graphs.put, new Counts(1, 1, 0));
    cost.in(device.pass.getNumBytesOfSegment() + device.arriving.getNumBytesOfSegment());
  }

  /** The contents of a slot. */
  StateData fetch(int slot) {
    device.pass.set(Pass.SLOT, slot);
    plan.execute(graphs.get, new Counts(1, 1, 0));
    cost.in(device.pass.getNumBytesOfSegment());
    cost.out(device.leaving.getNumBytesOfSegment());
    int shifts = device.shifts();
    ModelConfig config = model.config();
    return new StateData(
        config.layers(),
        config.width(),
        config.heads(),
        config.headSize(),
        slice(device.leaving, 0, shifts),
        slice(device.leaving, shifts, shifts),
        slice(device.leaving, 2 * shifts, device.wkvs()));
  }

  /** The state is not needed any more. */
  void release(DeviceState state) {
    slots.free(state);
  }

  @Override
  public void close() {
    plan.close();
  }
}
