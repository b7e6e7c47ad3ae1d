package aviary.tornado;

import aviary.engine.Layers;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.Matrices.Kind;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A model's program, or that of some of its layers, as launches, and where its values stand. */
final class DeviceProgram {

  /** The most rows of logits in a pass: one for each of as many sequences as it can have. */
  static final int MOST_WANTED = PassTable.MOST_ROWS;

  /** What goes into a layer. */
  final Value hidden;

  final Value logits;

  /** From tokens to {@link #hidden}; nothing where the layers are not the model's first. */
  final List<Launch> start;

  /** One layer. */
  final List<Launch> layer;

  /**
   * From the wanted rows of {@link #hidden} to {@link #logits}; nothing where the layers are not
   * the model's last.
   */
  final List<Launch> end;

  final Places places = new Places();
  final Vectors vectors;
  final ProductTables tables;

  /**
   * @param kind what the device has of a matrix
   * @param mostElements the most elements of an array; a head that has more is cut
   */
  DeviceProgram(Model model, Layers layers, Function<Weight, Kind> kind, long mostElements) {
    ModelConfig config = model.config();
    Program program = model.program();
    hidden = program.hidden();
    logits = program.logits();
    start = layers.takesTokens() ? Fusion.of(program.start(), hidden, kind) : List.<Launch>of();
    layer = Fusion.of(program.layer(), program.layerOut(), kind);
    end =
        layers.givesLogits()
            ? cut(Fusion.of(program.end(), logits, kind), mostElements)
            : List.<Launch>of();

    places.add(hidden);
    // The launch that writes it is a layer's last, and reads of the old one only its own places.
    places.share(program.layerOut(), hidden);
    start.forEach(launch -> launch.outs().forEach(places::add));
    layer.forEach(launch -> launch.outs().forEach(places::add));
    if (layers.givesLogits()) {
      places.add(logits, MOST_WANTED);
      end.forEach(launch -> launch.outs().forEach(places::add));
    }
    List<Weight> others = new ArrayList<>();
    start.forEach(launch -> others.addAll(launch.vectors()));
    end.forEach(launch -> others.addAll(launch.vectors()));
    vectors =
        new Vectors(
            model,
            layers,
            layer.stream().flatMap(launch -> launch.vectors().stream()).toList(),
            others,
            epsilons());
    tables = new ProductTables(places, vectors, places.room(transposedRoom()));
    products(layer).forEach(tables::entry);
    products(end).forEach(tables::entry);
  }

  /** Products whose matrix is too large for an array, as several, of some rows each. */
  private static List<Launch> cut(List<Launch> launches, long mostElements) {
    List<Launch> cut = new ArrayList<>();
    for (Launch launch : launches) {
      switch (launch) {
        case Launch.Products(List<Product> all) when all.size() == 1 -> {
          Product whole = all.getFirst();
          int each = Math.clamp(mostElements / whole.columns(), 1, whole.rows());
          int rows =
              each == whole.rows() ? each : Math.max(Tiles.ROWS, each / Tiles.ROWS * Tiles.ROWS);
          for (int first = 0; first < whole.rows(); first += rows) {
            int count = Math.min(rows, whole.rows() - first);
            cut.add(new Launch.Products(List.of(whole.withRows(first, count))));
          }
        }
        default -> cut.add(launch);
      }
    }
    return cut;
  }

  /** Those of the launches that are products. */
  static List<Launch.Products> products(List<Launch> launches) {
    return launches.stream()
        .filter(Launch.Products.class::isInstance)
        .map(Launch.Products.class::cast)
        .toList();
  }

  private List<Float> epsilons() {
    return Stream.of(start, layer, end)
        .flatMap(List::stream)
        .filter(Launch.Norm.class::isInstance)
        .map(norm -> ((Launch.Norm) norm).epsilon())
        .toList();
  }

  private int transposedRoom() {
    int room = 0;
    for (List<Launch> launches : List.of(layer, end)) {
      for (Launch.Products products : products(launches)) {
        room = Math.max(room, ProductTables.transposedRoom(products));
      }
    }
    return room;
  }
}
