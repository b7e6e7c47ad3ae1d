package aviary.tornado;

import aviary.model.Op;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.LaunchTasks.Rows;
import aviary.tornado.kernels.NormTable;
import aviary.tornado.kernels.ProductsTable;
import aviary.tornado.kernels.ShiftTable;
import aviary.tornado.kernels.Tiles;
import aviary.tornado.kernels.TokenShift;
import java.util.HashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The tables on the device that say what launches work on, one of each that is different. */
final class LaunchTables {

  /** What a table is of: a launch, for some rows, and with weights from some layer on. */
  private record Key(Launch launch, Rows rows, int firstLayer) {}

  private final DeviceModel device;
  private final Map<Key, IntArray> tables = new HashMap<>();

  LaunchTables(DeviceModel device) {
    this.device = device;
  }

  private IntArray table(Launch launch, Rows rows, int firstLayer, int[] numbers) {
    return tables.computeIfAbsent(
        new Key(launch, rows, firstLayer), _ -> device.memory.ints(numbers));
  }

  private int place(Value value) {
    return device.program.places.of(value);
  }

  private int place(Weight weight) {
    return device.program.vectors.place(weight);
  }

  private int stride(Weight weight) {
    return device.program.vectors.stride(weight);
  }

  /** As {@link ProductsTable} has it. */
  IntArray of(Launch.Products products, Rows rows, int firstLayer) {
    ProductTables.Entry entry = device.program.tables.entry(products);
    int[] numbers = new int[ProductsTable.SIZE];
    numbers[ProductsTable.ROWS] = rows.place;
    numbers[ProductsTable.COLUMNS] = products.columns();
    numbers[ProductsTable.FIRST_LAYER] = firstLayer;
    numbers[ProductsTable.FIRST_TILE] = entry.tile();
    numbers[ProductsTable.TILES] = products.tiles();
    numbers[ProductsTable.FIRST_SOURCE] = entry.source();
    numbers[ProductsTable.SOURCES] = entry.sources();
    return table(products, rows, firstLayer, numbers);
  }

  /** As {@link NormTable} has it. */
  IntArray of(Launch.Norm norm, Rows rows) {
    int[] numbers = new int[NormTable.SIZE];
    numbers[NormTable.ROWS] = rows.place;
    numbers[NormTable.X] = place(norm.in());
    numbers[NormTable.Y] = place(norm.out());
    numbers[NormTable.GATE] = norm.gate() == null ? Tiles.NONE : place(norm.gate());
    numbers[NormTable.VALUE_STRIDE] = Places.stride(norm.out().width());
    numbers[NormTable.SCALE] = place(norm.scale());
    numbers[NormTable.BIAS] = place(norm.bias());
    numbers[NormTable.STRIDE] = stride(norm.scale());
    numbers[NormTable.GROUPS] = norm.groups();
    numbers[NormTable.GROUP_SIZE] = norm.out().width() / norm.groups();
    numbers[NormTable.EPSILON] = device.program.vectors.place(norm.epsilon());
    // Of all rows only the hidden ones are there for those too that nobody wants.
    boolean chosen = rows == Rows.WANTED && norm.in().equals(device.program.hidden);
    numbers[NormTable.WANTED] = chosen ? 1 : 0;
    return table(norm, rows, 0, numbers);
  }

  /** As {@link ShiftTable} has it. */
  IntArray of(Launch.Shift launch) {
    Value in = launch.shift().in();
    int[] numbers = new int[ShiftTable.SIZE];
    numbers[ShiftTable.X] = place(in);
    numbers[ShiftTable.DIFFERENCE] = place(launch.difference());
    numbers[ShiftTable.WIDTH] = in.width();
    numbers[ShiftTable.VALUE_STRIDE] = Places.stride(in.width());
    numbers[ShiftTable.LERPS] = launch.lerps().size();
    numbers[ShiftTable.LAYERS] = device.layers.count();
    if (!launch.lerps().isEmpty()) {
      Op.Lerp first = launch.lerps().getFirst();
      numbers[ShiftTable.Y] = place(first.out());
      numbers[ShiftTable.DIRECTION] =
          first.from().equals(in) ? TokenShift.FROM_X : TokenShift.FROM_BEFORE;
      numbers[ShiftTable.AMOUNTS] = place(first.amount());
      numbers[ShiftTable.STRIDE] = stride(first.amount());
    }
    return table(launch, Rows.ALL, 0, numbers);
  }
}
