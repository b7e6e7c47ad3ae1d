package aviary.evaluation.template;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * A value of Python that is neither none, a truth value, a number, a text, a list nor a dictionary:
 * what columns of a data set hold beside those. Dates and times are {@link PythonTime}s.
 */
public sealed interface PythonObject
    permits PythonObject.Bytes, PythonObject.Decimal, PythonObject.Uuid, PythonTime {

  /** What {@code str(value)} returns, and a template prints. */
  String str();

  /** What {@code repr(value)} returns: how it is printed in a list or a dictionary. */
  default String repr() {
    return str();
  }

  /** Whether an {@code if} takes it for true. */
  default boolean isTrue() {
    return true;
  }

  /**
   * {@code bytes}.
   *
   * @param content the bytes, which nobody changes
   */
  record Bytes(byte[] content) implements PythonObject {
    @Override
    public String str() {
      String characters = new String(content, StandardCharsets.ISO_8859_1);
      return "b" + PythonRepr.quoted(characters, c -> c >= 0x20 && c < 0x7F);
    }

    /** {@code decode()}, from UTF-8. */
    String text() {
      return new String(content, StandardCharsets.UTF_8);
    }

    @Override
    public boolean isTrue() {
      return content.length > 0;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes(byte[] its) && Arrays.equals(content, its);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(content);
    }
  }

  /**
   * {@code decimal.Decimal}, which keeps its scale: 1.50.
   *
   * @param number the value; Java prints decimals as Python does, exponents included
   */
  record Decimal(BigDecimal number) implements PythonObject {
    @Override
    public String str() {
      return number.toString();
    }

    @Override
    public String repr() {
      return "Decimal('%s')".formatted(number);
    }

    @Override
    public boolean isTrue() {
      return number.signum() != 0;
    }
  }

  /** {@code uuid.UUID}. */
  record Uuid(UUID id) implements PythonObject {
    @Override
    public String str() {
      return id.toString();
    }

    @Override
    public String repr() {
      return "UUID('%s')".formatted(id);
    }
  }
}
