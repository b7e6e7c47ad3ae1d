package aviary.tornado;

import aviary.engine.DeviceException;
import aviary.engine.DeviceProfile;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Pass;
import aviary.engine.Stage;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.tornado.kernels.PassTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs a model, or some of its layers, on a device that TornadoVM drives. */
final class TornadoStage implements Stage {

  private final Model model;
  private final String id;
  private final DeviceModel device;
  private final Graphs graphs;
  private final DevicePlan plan;
  private final Slots slots;
  private DeviceCost cost = new DeviceCost();

  TornadoStage(Model model, Layers layers, String id, TornadoDevice tornadoDevice) {
    this(model, layers, id, tornadoDevice, DeviceTraits.of(tornadoDevice));
  }

  TornadoStage(
      Model model, Layers layers, String id, TornadoDevice tornadoDevice, DeviceTraits traits) {
    this(model, layers, id, tornadoDevice, traits, DeviceModel.mostElements(traits));
  }

  /**
   * @param traits what is to be used of the device
   * @param mostElements of an array of weights
   */
  TornadoStage(
      Model model,
      Layers layers,
      String id,
      TornadoDevice tornadoDevice,
      DeviceTraits traits,
      long mostElements) {
    this.model = model;
    this.id = id;
    device = new DeviceModel(model, layers, id, traits, mostElements);
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
    return device.layers;
  }

  @Override
  public String device() {
    return id;
  }

  /** What its work has cost so far. */
  DeviceCost cost() {
    return cost;
  }

  @Override
  public void startProfile() {
    plan.profile();
    cost = new DeviceCost();
    plan.count(cost);
  }

  @Override
  public Optional<DeviceProfile> profile() {
    return Optional.of(cost.profile());
  }

  @Override
  public Pass.Limits limits() {
    return new Pass.Limits(PassTable.MOST_ROWS, device.slots, DeviceProgram.MOST_WANTED);
  }

  @Override
  public long allocatedBytes() {
    return device.bytes();
  }

  @Override
  public State newState(StateData data) {
    return new DeviceState(this, data);
  }

  @Override
  public Logits run(Pass pass, float[] hidden) {
    Set<DeviceState> needed = new HashSet<>();
    pass.parts().forEach(part -> needed.add((DeviceState) part.state()));
    needed.forEach(state -> bring(state, needed));
    write(pass);
    Counts counts = new Counts(pass.rows(), pass.parts().size(), pass.wanted().length);
    boolean one = counts.rows() == 1;
    if (!device.layers.takesTokens()) {
      FloatArray rows = one ? device.rowIn : device.rowsIn;
      int numbers = counts.rows() * model.config().width();
      MemorySegment.copy(hidden, 0, rows.getSegment(), ValueLayout.JAVA_FLOAT, 0, numbers);
      cost.in(rows.getNumBytesOfSegment());
    }
    plan.execute(graphs.start(one), counts);
    for (int chunk = 0; chunk < device.chunks.size(); chunk++) {
      for (int layer = 0; layer < device.chunks.get(chunk).count(); layer++) {
        plan.execute(graphs.layer(chunk, one), counts);
      }
    }
    if (device.layers.givesLogits()) {
      return counts.wanted() == 0 ? Logits.NONE : logits(counts);
    }
    plan.execute(graphs.end(one), counts);
    FloatArray rows = one ? device.rowOut : device.rowsOut;
    cost.out(rows.getNumBytesOfSegment());
    MemorySegment.copy(
        rows.getSegment(),
        ValueLayout.JAVA_FLOAT,
        0,
        hidden,
        0,
        counts.rows() * model.config().width());
    return Logits.NONE;
  }

  private Logits logits(Counts counts) {
    plan.execute(graphs.end(counts.wanted() == 1), counts);
    cost.out(device.best.getNumBytesOfSegment());
    int[] best = new int[counts.wanted()];
    for (int row = 0; row < best.length; row++) {
      best[row] = device.best.get(row);
    }
    return new DeviceLogits(best, this::fetchLogits);
  }

  private float[] fetchLogits(int row) {
    device.pass.set(PassTable.SLOT, row);
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

  private void write(Pass pass) {
    device.pass.set(PassTable.ROWS, pass.rows());
    device.pass.set(PassTable.PARTS, pass.parts().size());
    device.pass.set(PassTable.WANTED, pass.wanted().length);
    for (int row = 0; row < pass.rows(); row++) {
      device.pass.set(PassTable.TOKENS + row, pass.tokens()[row]);
    }
    for (int i = 0; i < pass.wanted().length; i++) {
      device.pass.set(PassTable.WANTED_ROWS + i, pass.wanted()[i]);
    }
    for (int i = 0; i < pass.parts().size(); i++) {
      Pass.Part part = pass.parts().get(i);
      device.pass.set(PassTable.PART_BEGIN + i, part.begin());
      device.pass.set(PassTable.PART_ROWS + i, part.rows());
      device.pass.set(PassTable.PART_SLOT + i, ((DeviceState) part.state()).slot());
    }
    cost.in(device.pass.getNumBytesOfSegment());
  }

  /** Sees to it that a state is in a slot. */
  private void bring(DeviceState state, Set<DeviceState> needed) {
    state.requireOpen();
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
    device.pass.set(PassTable.SLOT, slot);
    plan.execute(graphs.put, new Counts(1, 1, 0));
    cost.in(device.pass.getNumBytesOfSegment() + device.arriving.getNumBytesOfSegment());
  }

  /** The contents of a slot. */
  StateData fetch(int slot) {
    device.pass.set(PassTable.SLOT, slot);
    plan.execute(graphs.get, new Counts(1, 1, 0));
    cost.in(device.pass.getNumBytesOfSegment());
    cost.out(device.leaving.getNumBytesOfSegment());
    int shifts = device.shifts();
    ModelConfig config = model.config();
    return new StateData(
        device.layers.count(),
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
