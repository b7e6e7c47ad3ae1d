package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.template.PythonObject;
import aviary.evaluation.template.PythonTime;
import aviary.evaluation.template.PythonTuple;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.SchemaElement;
import dev.hardwood.row.FieldAccessor;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.hardwood.schema.SchemaNode;
import dev.hardwood.schema.SchemaNode.GroupNode;
import dev.hardwood.schema.SchemaNode.PrimitiveNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which value a column of a Parquet file has: the one that pyarrow's {@code to_pylist} gives, and
 * {@code datasets} hands to lm-evaluation-harness.
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>column</th><th>value</th></tr>
 * <tr><td>integers of 8 to 64 bits, signed or not</td><td>a whole number</td></tr>
 * <tr><td>floats of 16, 32 and 64 bits</td><td>a double</td></tr>
 * <tr><td>boolean; null</td><td>a truth value; none</td></tr>
 * <tr><td>string</td><td>a text</td></tr>
 * <tr><td>JSON</td><td>what the text holds</td></tr>
 * <tr><td>bytes without a type, of any or one length; ENUM; BSON</td><td>bytes</td></tr>
 * <tr><td>decimal</td><td>a decimal with the column's scale</td></tr>
 * <tr><td>date; time</td><td>a date; a time</td></tr>
 * <tr><td>timestamp; INT96</td><td>a date and time, with the zone that the column has</td></tr>
 * <tr><td>duration (Arrow's note on integers)</td><td>a duration</td></tr>
 * <tr><td>UUID</td><td>a UUID</td></tr>
 * <tr><td>list; struct</td><td>a list; a dictionary</td></tr>
 * <tr><td>map</td><td>a list of pairs</td></tr>
 * <tr><td>interval, variant</td><td>refused</td></tr>
 * </table>
 *
 * A dictionary, or category, is of its values' type: Parquet knows it as an encoding alone.
 */
final class ParquetTypes {

  /** Makes of what the library gives, which is not null, the value of a document. */
  private interface Conversion extends Function<Object, Object> {}

  private final Map<String, Conversion> columns = new LinkedHashMap<>();

  /** Columns of time stamps in the old notation, which Arrow takes for such without a zone. */
  private final Set<Integer> withoutZone;

  /**
   * Goes through a file's schema.
   *
   * @throws InputException if a column has a type that is not read
   */
  ParquetTypes(FileMetaData metadata, GroupNode root) {
    withoutZone = oldTimestamps(metadata.schema());
    ArrowSchema arrow = ArrowSchema.of(metadata.keyValueMetadata());
    for (SchemaNode column : root.children()) {
      columns.put(column.name(), conversion(column, arrow.field(column.name())));
    }
  }

  private static Set<Integer> oldTimestamps(List<SchemaElement> elements) {
    List<SchemaElement> leaves = elements.stream().filter(SchemaElement::isPrimitive).toList();
    return IntStream.range(0, leaves.size())
        .filter(i -> leaves.get(i).logicalType() == null)
        .boxed()
        .collect(Collectors.toSet());
  }

  /** The document of a row. */
  Map<String, Object> document(StructAccessor row) {
    return fields(row, columns);
  }

  private static Map<String, Object> fields(
      StructAccessor struct, Map<String, Conversion> conversions) {
    Map<String, Object> fields = new LinkedHashMap<>();
    FieldAccessor accessor = struct;
    for (int i = 0; i < accessor.getFieldCount(); i++) {
      String name = accessor.getFieldName(i);
      fields.put(name, converted(struct.getValue(i), conversions.get(name)));
    }
    return fields;
  }

  private static Object converted(Object value, Conversion conversion) {
    return value == null ? null : conversion.apply(value);
  }

  private Conversion conversion(SchemaNode node, ArrowSchema arrow) {
    return switch (node) {
      case PrimitiveNode leaf -> leaf(leaf, arrow);
      case GroupNode group when group.isVariant() -> throw unknown(group, "variant");
      case GroupNode group when group.isList() -> list(group, arrow);
      case GroupNode group when group.isMap() -> map(group, arrow.child(0));
      case GroupNode group -> {
        Map<String, Conversion> fields = new LinkedHashMap<>();
        for (SchemaNode child : group.children()) {
          fields.put(child.name(), conversion(child, arrow.field(child.name())));
        }
        yield value -> fields((PqStruct) value, fields);
      }
    };
  }

  private Conversion list(GroupNode group, ArrowSchema arrow) {
    Conversion element = conversion(group.getListElement(), arrow.child(0));
    return value -> {
      PqList list = (PqList) value;
      List<Object> items = new ArrayList<>(list.size());
      for (int i = 0; i < list.size(); i++) {
        items.add(converted(list.get(i), element));
      }
      return items;
    };
  }

  private Conversion map(GroupNode group, ArrowSchema entries) {
    Conversion key = conversion(group.getMapKey(), entries.child(0));
    Conversion its = conversion(group.getMapValue(), entries.child(1));
    return value -> {
      List<Object> pairs = new ArrayList<>();
      for (PqMap.Entry entry : ((PqMap) value).getEntries()) {
        List<Object> pair = new ArrayList<>();
        pair.add(converted(entry.getKey(), key));
        pair.add(converted(entry.getValue(), its));
        pairs.add(new PythonTuple(pair));
      }
      return pairs;
    };
  }

  private Conversion leaf(PrimitiveNode leaf, ArrowSchema arrow) {
    return switch (leaf.logicalType()) {
      case null -> physical(leaf.type(), arrow);
      case LogicalType.StringType _ -> value -> value;
      case LogicalType.JsonType _ -> value -> JsonValues.read(utf8((String) value));
      case LogicalType.EnumType _ -> value -> new PythonObject.Bytes(utf8((String) value));
      case LogicalType.BsonType _ -> ParquetTypes::bytes;
      case LogicalType.GeometryType _ -> ParquetTypes::bytes;
      case LogicalType.GeographyType _ -> ParquetTypes::bytes;
      case LogicalType.IntType type -> integer(type, arrow);
      case LogicalType.Float16Type _ -> value -> ((Number) value).doubleValue();
      case LogicalType.DecimalType _ -> value -> new PythonObject.Decimal((BigDecimal) value);
      case LogicalType.DateType _ -> value -> new PythonTime.Date((LocalDate) value);
      case LogicalType.TimeType _ -> value -> new PythonTime.Time((LocalTime) value);
      case LogicalType.TimestampType type -> timestamp(leaf, type, arrow);
      case LogicalType.UuidType _ -> value -> new PythonObject.Uuid((UUID) value);
      case LogicalType.NullType _ -> _ -> null;
      case LogicalType other -> throw unknown(leaf, other.toString());
    };
  }

  private static Conversion physical(PhysicalType type, ArrowSchema arrow) {
    return switch (type) {
      case BOOLEAN -> value -> value;
      case INT32, INT64 -> signed(arrow);
      case INT96 ->
          value ->
              new PythonTime.Local(LocalDateTime.ofInstant((Instant) value, ZoneOffset.UTC), true);
      case FLOAT, DOUBLE -> value -> ((Number) value).doubleValue();
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> ParquetTypes::bytes;
    };
  }

  private static Conversion integer(LogicalType.IntType type, ArrowSchema arrow) {
    if (type.isSigned()) {
      return signed(arrow);
    }
    if (type.bitWidth() == Long.SIZE) {
      return value -> unsigned((Long) value);
    }
    return value -> Integer.toUnsignedLong((Integer) value);
  }

  private static Object unsigned(long bits) {
    return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
  }

  private static Conversion signed(ArrowSchema arrow) {
    long units = arrow.unitsInSecond();
    if (units == 0) {
      return value -> ((Number) value).longValue();
    }
    long nanos = 1_000_000_000 / units;
    return value -> {
      long count = ((Number) value).longValue();
      Duration duration =
          Duration.ofSeconds(Math.floorDiv(count, units), Math.floorMod(count, units) * nanos);
      return new PythonTime.Delta(duration, nanos == 1);
    };
  }

  private Conversion timestamp(
      PrimitiveNode leaf, LogicalType.TimestampType type, ArrowSchema arrow) {
    boolean nano = type.unit() == LogicalType.TimeUnit.NANOS;
    if (!type.isAdjustedToUTC()) {
      return value -> new PythonTime.Local((LocalDateTime) value, nano);
    }
    if (withoutZone.contains(leaf.columnIndex())) {
      return value ->
          new PythonTime.Local(LocalDateTime.ofInstant((Instant) value, ZoneOffset.UTC), nano);
    }
    ZoneId zone = zone(leaf, arrow.zone());
    return value -> new PythonTime.Zoned(((Instant) value).atZone(zone), nano);
  }

  private static ZoneId zone(PrimitiveNode leaf, String name) {
    try {
      return ZoneId.of(name == null ? "UTC" : name);
    } catch (DateTimeException e) {
      throw new InputException(
          "the column %s is in the time zone %s, which is not known".formatted(leaf.name(), name),
          e);
    }
  }

  private static Object bytes(Object value) {
    return new PythonObject.Bytes((byte[]) value);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static InputException unknown(SchemaNode node, String type) {
    return new InputException(
        "the column %s has the type %s, which aviary does not read; write it as text"
            .formatted(node.name(), type));
  }
}
