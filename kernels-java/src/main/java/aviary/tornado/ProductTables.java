package aviary.tornado;

import aviary.model.Value;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * The tables that kernels of products read: of tiles, as {@link Tiles} has it, and of sources,
 * which are tiles that each stand for all those with the same activations.
 */
final class ProductTables {

  /**
   * Where products are in the tables.
   *
   * @param tile their first tile
   * @param source their first source
   * @param sources how many sources they have
   */
  record Entry(int tile, int source, int sources) {}

  /** Activations: a value from a column on. */
  private record Source(Value value, int firstColumn) {}

  private final Places places;
  private final Vectors vectors;
  private final int transposed;
  private final List<Integer> tiles = new ArrayList<>();
  private final List<Integer> sources = new ArrayList<>();
  private final Map<Launch.Products, Entry> entries = new LinkedHashMap<>();

  /**
   * @param transposed where there is room for activations with rows and columns exchanged, as many
   *     as {@link #transposedRoom} says
   */
  ProductTables(Places places, Vectors vectors, int transposed) {
    this.places = places;
    this.vectors = vectors;
    this.transposed = transposed;
  }

  /** The numbers that the sources of some products take. */
  static int transposedRoom(Launch.Products products) {
    return Math.toIntExact(
        sources(products).size() * (long) products.columns() * PassTable.MOST_ROWS);
  }

  private static Map<Source, Integer> sources(Launch.Products products) {
    Map<Source, Integer> sources = new LinkedHashMap<>();
    for (Product product : products.all()) {
      sources.putIfAbsent(new Source(product.in(), product.firstColumn()), sources.size());
    }
    return sources;
  }

  /** Where products are; they are written down the first time. */
  Entry entry(Launch.Products products) {
    return entries.computeIfAbsent(products, this::write);
  }

  private Entry write(Launch.Products products) {
    Map<Source, Integer> its = sources(products);
    Entry entry = new Entry(tiles.size() / Tiles.SIZE, sources.size(), its.size());
    List<Source> written = new ArrayList<>();
    for (Product product : products.all()) {
      Source source = new Source(product.in(), product.firstColumn());
      if (!written.contains(source)) {
        written.add(source);
        sources.add(tiles.size() / Tiles.SIZE);
      }
      int room = its.get(source) * products.columns() * PassTable.MOST_ROWS;
      for (int tile = 0; tile < product.tiles(); tile++) {
        write(product, tile, transposed + room);
      }
    }
    return entry;
  }

  private void write(Product product, int tile, int exchanged) {
    int row = product.firstRow() + tile * Tiles.ROWS;
    int[] numbers = new int[Tiles.SIZE];
    numbers[Tiles.X] = places.of(product.in()) + product.firstColumn();
    numbers[Tiles.X_STRIDE] = Places.stride(product.in().width());
    numbers[Tiles.TRANSPOSED] = exchanged;
    numbers[Tiles.Y] = places.of(product.out()) + row;
    numbers[Tiles.Y_STRIDE] = Places.stride(product.out().width());
    numbers[Tiles.ACTIVATION] = product.activation();
    numbers[Tiles.BIAS] = orNone(product.bias(), bias -> vectors.place(bias) + row);
    numbers[Tiles.BIAS_STRIDE] = product.bias() == null ? 0 : vectors.stride(product.bias());
    numbers[Tiles.TIMES] = orNone(product.times(), value -> places.of(value) + row);
    numbers[Tiles.PLUS] = orNone(product.plus(), value -> places.of(value) + row);
    for (int number : numbers) {
      tiles.add(number);
    }
  }

  private static <T> int orNone(T thing, ToIntFunction<T> place) {
    return thing == null ? Tiles.NONE : place.applyAsInt(thing);
  }

  /** The table of tiles. */
  int[] tiles() {
    return tiles.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The table of sources: numbers of tiles. */
  int[] sources() {
    return sources.stream().mapToInt(Integer::intValue).toArray();
  }
}
