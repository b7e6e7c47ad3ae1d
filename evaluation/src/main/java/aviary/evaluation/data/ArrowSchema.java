package aviary.evaluation.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.arrow.flatbuf.Duration;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;

/**
 * What Arrow writes of a column's type into a Parquet file beside Parquet's own types, which know
 * neither zones nor durations.
 */
final class ArrowSchema {

  /** A column without such a note. */
  static final ArrowSchema NONE = new ArrowSchema(null, _ -> null, 0);

  /** Before the length of a message since Arrow 0.15. */
  private static final int CONTINUATION = -1;

  private final Field field;
  private final IntFunction<Field> children;
  private final int size;

  private ArrowSchema(Field field, IntFunction<Field> children, int size) {
    this.field = field;
    this.children = children;
    this.size = size;
  }

  /**
   * The schema of a file.
   *
   * @param metadata the file's own words
   * @throws RuntimeException if what is there is no schema
   */
  static ArrowSchema of(Map<String, String> metadata) {
    String text = metadata == null ? null : metadata.get("ARROW:schema");
    if (text == null) {
      return NONE;
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt(0) == CONTINUATION) {
      bytes.getInt();
    }
    bytes.getInt(); // The length.
    Message message = Message.getRootAsMessage(bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    if (!(message.header(new Schema()) instanceof Schema schema)) {
      return NONE;
    }
    return new ArrowSchema(null, schema::fields, schema.fieldsLength());
  }

  /** The field of a name, or {@link #NONE}. */
  ArrowSchema field(String name) {
    for (int i = 0; i < size; i++) {
      if (name.equals(children.apply(i).name())) {
        return child(i);
      }
    }
    return NONE;
  }

  /** The field at a position: of a list its elements, of a map its entries; or {@link #NONE}. */
  ArrowSchema child(int index) {
    if (index >= size) {
      return NONE;
    }
    Field child = children.apply(index);
    return new ArrowSchema(child, child::children, child.childrenLength());
  }

  /** The zone of a time stamp, such as {@code Europe/Berlin} or {@code +05:30}; null without. */
  String zone() {
    return field != null && field.typeType() == Type.Timestamp
        ? ((Timestamp) field.type(new Timestamp())).timezone()
        : null;
  }

  /** How many units of a duration are a second; 0 if the column has none. */
  long unitsInSecond() {
    if (field == null || field.typeType() != Type.Duration) {
      return 0;
    }
    // SECOND, MILLISECOND, MICROSECOND, NANOSECOND.
    return (long) Math.pow(1000, ((Duration) field.type(new Duration())).unit());
  }
}
