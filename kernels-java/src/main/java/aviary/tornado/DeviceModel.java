package aviary.tornado;

import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Q8_0;
import aviary.model.Weight;
import aviary.tornado.kernels.Pass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A model's weights, and the room for its activations and states, in arrays that go to a device.
 * The same matrix of all layers stands in one array, so that one kernel serves all layers; where
 * that is more than the device allocates at once, layers are shared out to several arrays, and rows
 * of the embedding and of the head likewise.
 */
final class DeviceModel {

  /** The most rows of logits in a pass, which are the longest by far. */
  static final int MOST_WANTED = 16;

  /** The bytes that states may take, where at least {@link #LEAST_SLOTS} fit. */
  private static final long STATES = 512L << 20;

  private static final int LEAST_SLOTS = 8;
  private static final int MOST_SLOTS = 64;

  /** An array is indexed by ints. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 64;

  /** What TornadoVM puts in front of an array, at most. */
  private static final int HEADER = 64;

  /**
   * Layers whose matrices share arrays.
   *
   * @param first the first of them
   * @param count how many
   */
  record Chunk(int first, int count, Map<Weight, Matrices> matrices) {}

  /**
   * Rows of the embedding or the head.
   *
   * @param first the first of them
   * @param count how many
   */
  record Slice(int first, int count, Matrices rows) {}

  final Model model;
  final ModelConfig config;
  final Program program;
  final Places places;
  final Vectors vectorPlaces;
  final DeviceMemory memory = new DeviceMemory();
  final List<Chunk> chunks = new ArrayList<>();
  final List<Slice> embedding = new ArrayList<>();
  final List<Slice> head = new ArrayList<>();
  final int slots;

  /** Where the rows whose logits are wanted go. */
  final int keptRows;

  final FloatArray values;
  final FloatArray vectors;
  final FloatArray attShifts;
  final FloatArray ffnShifts;
  final FloatArray states;
  final IntArray layer;
  final IntArray pass;

  /** A state on its way to the device, and one on its way back, as {@code StateCopy} has it. */
  final FloatArray arriving;

  final FloatArray leaving;

  /** A row of logits on its way back. */
  final FloatArray logits;

  /** The ids with the greatest logits, by row. */
  final IntArray best = new IntArray(MOST_WANTED);

  private final MatrixLoader loader;
  private final long mostElements;

  /**
   * What a device has room for, in bytes.
   *
   * @param memory all of it
   * @param allocation the largest single array
   */
  record Limits(long memory, long allocation) {
    static Limits of(TornadoDevice device) {
      return new Limits(device.getMaxGlobalMemory(), device.getMaxAllocMemory());
    }
  }

  /**
   * @throws aviary.InputException if the model does not fit
   */
  DeviceModel(Model model, String id, Limits limits) {
    this.model = model;
    config = model.config();
    program = Program.of(config);
    places = new Places(program, MOST_WANTED);
    keptRows = places.unnamed(config.width());
    loader = new MatrixLoader(model);
    vectorPlaces = new Vectors(model, layerVectors(), otherVectors());
    mostElements = Math.min(MOST_ELEMENTS, (limits.allocation() - HEADER) / Float.BYTES);
    long stateSize = stateSize();
    slots = Math.clamp(STATES / (stateSize * Float.BYTES), LEAST_SLOTS, MOST_SLOTS);
    DeviceMemory.require(id, bytes(), limits.memory());

    values = memory.floats(places.size());
    vectors = memory.floats(vectorPlaces.size());
    vectorPlaces.write(vectors);
    attShifts = memory.floats((long) slots * shifts());
    ffnShifts = memory.floats((long) slots * shifts());
    states = memory.floats((long) slots * wkvs());
    layer = memory.ints(1);
    pass = memory.ints(Pass.SIZE);
    arriving = new FloatArray(stateSize());
    leaving = new FloatArray(stateSize());
    logits = new FloatArray(config.vocabulary());
    makeChunks();
    embedding.addAll(slices(embedWeight()));
    head.addAll(slices(headWeight()));
  }

  /** The numbers of all layers' shifted rows of one kind: L D. */
  int shifts() {
    return config.layers() * config.width();
  }

  /** The numbers of all heads' matrices: L H N N. */
  int wkvs() {
    return config.layers() * config.width() * config.headSize();
  }

  /** The numbers of a state. */
  int stateSize() {
    return 2 * shifts() + wkvs();
  }

  private Weight embedWeight() {
    return ((Op.Embed) program.start().getFirst()).table();
  }

  private Weight headWeight() {
    return ((Op.MatMul) program.end().getLast()).weight();
  }

  private List<Weight> layerVectors() {
    List<Weight> weights = new ArrayList<>();
    for (Op op : program.layer()) {
      weights.addAll(vectors(op));
    }
    return weights;
  }

  private List<Weight> otherVectors() {
    List<Weight> weights = new ArrayList<>();
    program.start().forEach(op -> weights.addAll(vectors(op)));
    program.end().forEach(op -> weights.addAll(vectors(op)));
    return weights;
  }

  /** The weights of an operation that have one number a channel. */
  private static List<Weight> vectors(Op op) {
    return switch (op) {
      case Op.LayerNorm o -> List.of(o.scale(), o.bias());
      case Op.Lerp o -> List.of(o.amount());
      case Op.DdLerp o -> o.amounts();
      case Op.FixedDecay o -> List.of(o.base());
      case Op.Decay o -> List.of(o.base());
      case Op.Wkv o -> List.of(o.bonus());
      case Op.GroupNorm o -> List.of(o.scale(), o.bias());
      case Op.Embed _, Op.TokenShift _, Op.MatMul _, Op.Multiply _, Op.Add _ -> List.of();
    };
  }

  /** The matrices of a layer, and how they lie. */
  private Map<Weight, Op.MatMul.Layout> layerMatrices() {
    Map<Weight, Op.MatMul.Layout> matrices = new LinkedHashMap<>();
    for (Op op : program.layer()) {
      switch (op) {
        case Op.MatMul o -> matrices.put(o.weight(), o.layout());
        // Its rows of R by D are read as they lie.
        case Op.DdLerp o -> matrices.put(o.up(), Op.MatMul.Layout.OUT_IN);
        default -> {}
      }
    }
    return matrices;
  }

  /** What all arrays take together. */
  private long bytes() {
    long bytes = loader.bytes(embedWeight().name()) + loader.bytes(headWeight().name());
    for (Weight weight : layerMatrices().keySet()) {
      for (int l = 0; l < config.layers(); l++) {
        bytes += loader.bytes(weight.inLayer(l));
      }
    }
    long floats =
        places.size() + vectorPlaces.size() + (slots + 2L) * stateSize() + config.vocabulary();
    return bytes + floats * Float.BYTES;
  }

  private void makeChunks() {
    Map<Weight, Op.MatMul.Layout> matrices = layerMatrices();
    long largest = 1;
    for (Weight weight : matrices.keySet()) {
      largest = Math.max(largest, model.tensor(weight.inLayer(0)).elements());
    }
    int each = Math.clamp(mostElements / largest, 1, config.layers());
    for (int first = 0; first < config.layers(); first += each) {
      int count = Math.min(each, config.layers() - first);
      Map<Weight, Matrices> made = new HashMap<>();
      for (Map.Entry<Weight, Op.MatMul.Layout> entry : matrices.entrySet()) {
        made.put(entry.getKey(), stack(entry.getKey(), entry.getValue(), first, count));
      }
      chunks.add(new Chunk(first, count, made));
    }
  }

  private Matrices stack(Weight weight, Op.MatMul.Layout layout, int first, int count) {
    long elements = model.tensor(weight.inLayer(first)).elements();
    boolean q8 = true;
    for (int l = first; l < first + count; l++) {
      q8 &= loader.isQ8(weight.inLayer(l));
    }
    if (q8) {
      Int8Array bytes = memory.bytes(elements * count);
      FloatArray scales = memory.floats(elements * count / Q8_0.BLOCK);
      for (int l = 0; l < count; l++) {
        String name = weight.inLayer(first + l);
        loader.writeQ8(name, 0, model.tensor(name).shape()[0], bytes, scales, elements * l);
      }
      return new Matrices.Q8(bytes, scales);
    }
    FloatArray array = memory.floats(elements * count);
    for (int l = 0; l < count; l++) {
      String name = weight.inLayer(first + l);
      loader.writeFloats(name, layout, 0, model.tensor(name).shape()[0], array, elements * l);
    }
    return new Matrices.F32(array);
  }

  /** The rows of a matrix [V, D] in arrays that can be allocated; always floats for a table. */
  private List<Slice> slices(Weight weight) {
    String name = weight.name();
    boolean q8 = loader.isQ8(name) && weight.equals(headWeight());
    int width = config.width();
    int each = Math.clamp(mostElements / width, 1, config.vocabulary());
    List<Slice> slices = new ArrayList<>();
    for (int first = 0; first < config.vocabulary(); first += each) {
      int count = Math.min(each, config.vocabulary() - first);
      long elements = (long) count * width;
      if (q8) {
        Int8Array bytes = memory.bytes(elements);
        FloatArray scales = memory.floats(elements / Q8_0.BLOCK);
        loader.writeQ8(name, first, count, bytes, scales, 0);
        slices.add(new Slice(first, count, new Matrices.Q8(bytes, scales)));
      } else {
        FloatArray array = memory.floats(elements);
        loader.writeFloats(name, Op.MatMul.Layout.OUT_IN, first, count, array, 0);
        slices.add(new Slice(first, count, new Matrices.F32(array)));
      }
    }
    return slices;
  }
}
