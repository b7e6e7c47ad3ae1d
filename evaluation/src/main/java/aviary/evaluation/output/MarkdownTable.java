package aviary.evaluation.output;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * A table as pytablewriter writes it, which lm-evaluation-harness prints with: columns of numbers
 * stand at the right, with as many decimals as the longest needs; whole numbers have none if all
 * are whole. Numbers with an exponent stay as they are.
 */
public final class MarkdownTable {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?(e[+-]\\d+)?");
  private static final List<String> NO_NUMBERS = List.of("NaN", "Infinity", "-Infinity");
  private static final int LEAST_WIDTH = 3;

  private MarkdownTable() {}

  /**
   * The table.
   *
   * @param headers one a column
   * @param rows as many cells each; an empty cell says nothing of its column's type
   * @return lines, each with its end
   */
  public static String of(List<String> headers, List<List<String>> rows) {
    return of(headers, rows, Column::of);
  }

  /** Like {@link #of}, of cells that are as they should be: numbers keep their decimals. */
  public static String ofShown(List<String> headers, List<List<String>> rows) {
    return of(headers, rows, Column::ofShown);
  }

  private static String of(
      List<String> headers,
      List<List<String>> rows,
      BiFunction<String, List<String>, Column> columnOf) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      int column = i;
      columns.add(
          columnOf.apply(headers.get(i), rows.stream().map(row -> row.get(column)).toList()));
    }
    StringBuilder out = new StringBuilder();
    columns.forEach(column -> out.append('|').append(centered(column.header, column.width)));
    out.append("|\n");
    for (Column column : columns) {
      out.append('|').append("-".repeat(column.width - 1)).append(column.numeric ? ':' : '-');
    }
    out.append("|\n");
    for (int row = 0; row < rows.size(); row++) {
      for (Column column : columns) {
        String cell = column.cells.get(row);
        String space = " ".repeat(column.width - width(cell));
        // Also where texts are in the column, and its line says nothing of it.
        out.append('|').append(Column.isNumber(cell) ? space + cell : cell + space);
      }
      out.append("|\n");
    }
    return out.toString();
  }

  private record Column(String header, List<String> cells, boolean numeric, int width) {

    static Column of(String header, List<String> raw) {
      List<String> filled = raw.stream().filter(cell -> !cell.isBlank()).toList();
      boolean numeric = !filled.isEmpty() && filled.stream().allMatch(Column::isNumber);
      int decimals = filled.stream().mapToInt(Column::decimals).max().orElse(0);
      return of(
          header,
          raw.stream()
              .map(cell -> cell.isBlank() ? "" : numeric ? fixed(cell, decimals) : plain(cell))
              .toList(),
          numeric);
    }

    static Column ofShown(String header, List<String> cells) {
      List<String> filled = cells.stream().filter(cell -> !cell.isBlank()).toList();
      return of(
          header,
          cells.stream().map(cell -> cell.replace("|", "\\|")).toList(),
          !filled.isEmpty() && filled.stream().allMatch(Column::isNumber));
    }

    private static Column of(String header, List<String> cells, boolean numeric) {
      int width =
          Math.max(
              Math.max(LEAST_WIDTH, MarkdownTable.width(header)),
              cells.stream().mapToInt(MarkdownTable::width).max().orElse(0));
      return new Column(header, cells, numeric, width);
    }

    private static boolean isNumber(String cell) {
      return NUMBER.matcher(cell).matches() || NO_NUMBERS.contains(cell);
    }

    /** How many decimals it needs. */
    private static int decimals(String cell) {
      return NUMBER.matcher(cell).matches() && !hasExponent(cell)
          ? Math.max(0, new BigDecimal(cell).stripTrailingZeros().scale())
          : 0;
    }

    private static boolean hasExponent(String cell) {
      return cell.indexOf('e') >= 0;
    }

    private static String fixed(String cell, int decimals) {
      if (NUMBER.matcher(cell).matches() && hasExponent(cell)) {
        return cell;
      }
      return switch (cell) {
        case "NaN", "Infinity", "-Infinity" -> cell;
        default -> new BigDecimal(cell).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
      };
    }

    /** Beside texts a number stays as it is, but for whole ones. */
    private static String plain(String cell) {
      return NUMBER.matcher(cell).matches() && decimals(cell) == 0
          ? fixed(cell, 0)
          : cell.replace("|", "\\|");
    }
  }

  private static String centered(String text, int width) {
    int space = width - width(text);
    return " ".repeat(space / 2) + text + " ".repeat(space - space / 2);
  }

  /** How many columns of a terminal it takes: letters of East Asia take two. */
  private static int width(String text) {
    return text.codePoints().map(c -> isWide(c) ? 2 : 1).sum();
  }

  private static boolean isWide(int c) {
    return c >= 0x1100 && c <= 0x115F
        || c >= 0x2E80 && c <= 0xA4CF && c != 0x303F
        || c >= 0xAC00 && c <= 0xD7A3
        || c >= 0xF900 && c <= 0xFAFF
        || c >= 0xFE30 && c <= 0xFE6F
        || c >= 0xFF00 && c <= 0xFF60
        || c >= 0xFFE0 && c <= 0xFFE6
        || c >= 0x1F300 && c <= 0x1FAFF
        || c >= 0x20000 && c <= 0x3FFFD;
  }
}
