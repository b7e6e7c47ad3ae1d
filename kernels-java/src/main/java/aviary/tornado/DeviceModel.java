package aviary.tornado;

import aviary.engine.Layers;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Q8_0;
import aviary.model.Weight;
import aviary.tornado.Matrices.Kind;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The weights of a model, or of some of its layers, and the room for activations and states, in
 * arrays that go to a device. The same matrices of all layers stand in one array, so that one
 * kernel serves all layers; where that is more than the device allocates at once, layers are shared
 * out to several arrays, and rows of the embedding and of the head likewise.
 */
final class DeviceModel {

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
   * @param first the first of them, counted from the first that is here
   * @param count how many
   */
  record Chunk(int first, int count, Map<Launch.Products, Matrices> matrices) {}

  /**
   * Rows of the embedding.
   *
   * @param first the first of them
   * @param count how many
   */
  record Slice(int first, int count, FloatArray rows) {}

  final ModelConfig config;
  final Layers layers;
  final DeviceTraits traits;
  final DeviceProgram program;
  final DeviceMemory memory;
  final List<Chunk> chunks = new ArrayList<>();
  final List<Slice> embedding = new ArrayList<>();

  /** What stands behind the layers. */
  final Map<Launch.Products, Matrices> head = new LinkedHashMap<>();

  final int slots;

  final FloatArray values;
  final FloatArray vectors;
  final FloatArray attShifts;
  final FloatArray ffnShifts;
  final FloatArray states;
  final IntArray layer;
  final IntArray pass;
  final IntArray tiles;
  final IntArray sources;

  /** A state on its way to the device, and one on its way back, as {@code StateCopy} has it. */
  final FloatArray arriving;

  final FloatArray leaving;

  /** A row between two layers on its way to the device, and one on its way back. */
  final FloatArray rowIn;

  final FloatArray rowOut;

  /** The rows of a pass between two layers, likewise. */
  final FloatArray rowsIn;

  final FloatArray rowsOut;

  /** A row of logits on its way back. */
  final FloatArray logits;

  /** The ids with the greatest logits, by row. */
  final IntArray best = new IntArray(DeviceProgram.MOST_WANTED);

  private final Model model;
  private final MatrixLoader loader;
  private final long mostElements;

  /** The most elements of an array of weights that such a device can allocate. */
  static long mostElements(DeviceTraits traits) {
    return Math.min(MOST_ELEMENTS, (traits.allocation() - HEADER) / Float.BYTES);
  }

  /**
   * @param mostElements of an array of weights; more are shared out to several
   * @throws aviary.InputException if the layers do not fit
   */
  DeviceModel(Model model, Layers layers, String id, DeviceTraits traits, long mostElements) {
    this.model = model;
    this.layers = layers;
    this.traits = traits;
    config = model.config();
    loader = new MatrixLoader(model, layers, traits.halves());
    this.mostElements = mostElements;
    program = new DeviceProgram(model, layers, loader::kind, mostElements);
    memory = new DeviceMemory(id, traits.allocation());
    long stateSize = stateSize();
    slots = Math.clamp(STATES / (stateSize * Float.BYTES), LEAST_SLOTS, MOST_SLOTS);
    DeviceMemory.require(id, bytes(), traits.memory());

    values = memory.floats(program.places.size());
    vectors = memory.floats(program.vectors.size());
    program.vectors.write(vectors);
    attShifts = memory.floats((long) slots * shifts());
    ffnShifts = memory.floats((long) slots * shifts());
    states = memory.floats((long) slots * wkvs());
    layer = memory.ints(0);
    pass = memory.ints(new int[PassTable.SIZE]);
    tiles = memory.ints(program.tables.tiles());
    sources = memory.ints(program.tables.sources());
    arriving = new FloatArray(stateSize());
    leaving = new FloatArray(stateSize());
    rowIn = new FloatArray(config.width());
    rowOut = new FloatArray(config.width());
    rowsIn = new FloatArray(PassTable.MOST_ROWS * config.width());
    rowsOut = new FloatArray(PassTable.MOST_ROWS * config.width());
    logits = new FloatArray(config.vocabulary());
    makeChunks();
    if (layers.takesTokens()) {
      makeEmbedding();
    }
    for (Launch.Products products : DeviceProgram.products(program.end)) {
      head.put(products, loadHead(products));
    }
  }

  /** The numbers of all layers' shifted rows of one kind: L D. */
  int shifts() {
    return layers.count() * config.width();
  }

  /** The numbers of all heads' matrices: L H N N. */
  int wkvs() {
    return layers.count() * config.width() * config.headSize();
  }

  /** The numbers of a state. */
  int stateSize() {
    return 2 * shifts() + wkvs();
  }

  private Weight embedWeight() {
    return ((Launch.Embed) program.start.getFirst()).op().table();
  }

  /** What all arrays take together. */
  long bytes() {
    long bytes = 0;
    for (Launch.Products products : DeviceProgram.products(program.layer)) {
      bytes += layers.count() * loader.bytes(products);
    }
    for (Launch.Products products : DeviceProgram.products(program.end)) {
      bytes += loader.bytes(products);
    }
    if (layers.takesTokens()) {
      bytes += model.tensor(embedWeight().name()).elements() * Float.BYTES;
    }
    long floats =
        program.places.size()
            + program.vectors.size()
            + (slots + 2L) * stateSize()
            + config.vocabulary()
            + (2L + 2L * PassTable.MOST_ROWS) * config.width();
    return bytes + floats * Float.BYTES;
  }

  private static long elements(Launch.Products products) {
    return (long) products.tiles() * Tiles.ROWS * products.columns();
  }

  private void makeChunks() {
    List<Launch.Products> all = DeviceProgram.products(program.layer);
    long largest = all.stream().mapToLong(DeviceModel::elements).max().orElse(1);
    int each = Math.clamp(mostElements / largest, 1, layers.count());
    for (int first = 0; first < layers.count(); first += each) {
      int count = Math.min(each, layers.count() - first);
      Map<Launch.Products, Matrices> made = new HashMap<>();
      for (Launch.Products products : all) {
        made.put(products, load(products, first, count));
      }
      chunks.add(new Chunk(first, count, made));
    }
  }

  private Matrices load(Launch.Products products, int first, int count) {
    Matrices matrices = allocate(products, count);
    for (int l = 0; l < count; l++) {
      int layerOfModel = layers.first() + first + l;
      loader.write(
          products, weight -> weight.inLayer(layerOfModel), matrices, l * elements(products));
    }
    return matrices;
  }

  private Matrices loadHead(Launch.Products products) {
    Matrices matrices = allocate(products, 1);
    loader.write(products, Weight::name, matrices, 0);
    return matrices;
  }

  private Matrices allocate(Launch.Products products, int count) {
    long elements = elements(products) * count;
    Kind kind = loader.kind(products.all().getFirst().weight());
    return switch (kind) {
      case F32 -> new Matrices.F32(memory.floats(elements));
      case F16 -> new Matrices.F16(memory.halves(elements));
      case Q8 -> {
        Int8Array bytes = memory.bytes(elements);
        FloatArray scales = memory.floats(elements / Q8_0.BLOCK);
        yield new Matrices.Q8(bytes, scales);
      }
    };
  }

  /** The rows of the table, as floats, in arrays that can be allocated. */
  private void makeEmbedding() {
    int width = config.width();
    int each = Math.clamp(mostElements / width, 1, config.vocabulary());
    for (int first = 0; first < config.vocabulary(); first += each) {
      int count = Math.min(each, config.vocabulary() - first);
      FloatArray rows = memory.floats((long) count * width);
      loader.writeTable(embedWeight().name(), first, count, rows);
      embedding.add(new Slice(first, count, rows));
    }
  }
}
