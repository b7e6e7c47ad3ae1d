package aviary.evaluation.data;

import aviary.evaluation.template.PythonObject;
import aviary.evaluation.template.PythonTime;
import aviary.evaluation.template.PythonTuple;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Values of documents as bytes and back, none lost: JSON has no word for most of them. */
final class DocumentCodec {
  private DocumentCodec() {}

  static void write(Object value, DataOutputStream out) throws IOException {
    switch (value) {
      case null -> out.writeByte('0');
      case Boolean b -> out.writeByte(b ? 't' : 'f');
      case Long n -> {
        out.writeByte('l');
        out.writeLong(n);
      }
      case Double d -> {
        out.writeByte('d');
        out.writeDouble(d);
      }
      case BigInteger n -> write('i', n.toByteArray(), out);
      case String text -> write('s', text, out);
      case PythonTuple tuple -> writeAll('(', tuple, out);
      case List<?> list -> writeAll('[', list, out);
      case Map<?, ?> map -> {
        out.writeByte('{');
        out.writeInt(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          write(entry.getKey(), out);
          write(entry.getValue(), out);
        }
      }
      case PythonObject object -> writeObject(object, out);
      default -> throw new IllegalArgumentException("no value of a document: " + value.getClass());
    }
  }

  private static void writeObject(PythonObject object, DataOutputStream out) throws IOException {
    switch (object) {
      case PythonObject.Bytes(byte[] content) -> write('b', content, out);
      case PythonObject.Decimal(BigDecimal number) -> write('D', number.toString(), out);
      case PythonObject.Uuid(UUID id) -> write('U', id.toString(), out);
      case PythonTime.Date(LocalDate date) -> write('y', date.toString(), out);
      case PythonTime.Time(LocalTime time) -> write('h', time.toString(), out);
      case PythonTime.Local(LocalDateTime time, boolean nano) ->
          write(nano ? 'N' : 'n', time.toString(), out);
      case PythonTime.Zoned(ZonedDateTime time, boolean nano) ->
          write(nano ? 'Z' : 'z', time.toString(), out);
      case PythonTime.Delta(Duration duration, boolean nano) ->
          write(nano ? 'E' : 'e', duration.toString(), out);
    }
  }

  private static void write(char tag, String text, DataOutputStream out) throws IOException {
    // Java's own units: a text may hold half a surrogate pair.
    write(tag, text.getBytes(StandardCharsets.UTF_16BE), out);
  }

  private static void write(char tag, byte[] content, DataOutputStream out) throws IOException {
    out.writeByte(tag);
    out.writeInt(content.length);
    out.write(content);
  }

  private static void writeAll(char tag, List<?> items, DataOutputStream out) throws IOException {
    out.writeByte(tag);
    out.writeInt(items.size());
    for (Object item : items) {
      write(item, out);
    }
  }

  static Object read(DataInputStream in) throws IOException {
    char tag = (char) in.readByte();
    return switch (tag) {
      case '0' -> null;
      case 't' -> true;
      case 'f' -> false;
      case 'l' -> in.readLong();
      case 'd' -> in.readDouble();
      case 'i' -> new BigInteger(bytes(in));
      case 's' -> text(in);
      case '(' -> new PythonTuple(items(in));
      case '[' -> items(in);
      case '{' -> {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
          Object key = read(in);
          map.put(key, read(in));
        }
        yield map;
      }
      case 'b' -> new PythonObject.Bytes(bytes(in));
      case 'D' -> new PythonObject.Decimal(new BigDecimal(text(in)));
      case 'U' -> new PythonObject.Uuid(UUID.fromString(text(in)));
      case 'y' -> new PythonTime.Date(LocalDate.parse(text(in)));
      case 'h' -> new PythonTime.Time(LocalTime.parse(text(in)));
      case 'N', 'n' -> new PythonTime.Local(LocalDateTime.parse(text(in)), tag == 'N');
      case 'Z', 'z' -> new PythonTime.Zoned(ZonedDateTime.parse(text(in)), tag == 'Z');
      case 'E', 'e' -> new PythonTime.Delta(Duration.parse(text(in)), tag == 'E');
      default -> throw new IOException("no value of a document begins with " + (int) tag);
    };
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] content = new byte[in.readInt()];
    in.readFully(content);
    return content;
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_16BE);
  }

  private static List<Object> items(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<Object> items = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      items.add(read(in));
    }
    return items;
  }
}
