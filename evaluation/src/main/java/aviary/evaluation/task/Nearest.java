package aviary.evaluation.task;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Offers the names that a mistyped one may have meant. */
final class Nearest {
  private static final int OFFERED = 3;

  private Nearest() {}

  /** {@code "; did you mean a, b?"}, or nothing where none is near. */
  static String hint(String name, Collection<String> known) {
    List<String> near =
        known.stream()
            .filter(other -> distance(name, other) <= Math.max(2, name.length() / 3))
            .sorted(
                Comparator.<String>comparingInt(other -> distance(name, other))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(OFFERED)
            .toList();
    return near.isEmpty()
        ? ""
        : near.stream().collect(Collectors.joining(", ", "; did you mean ", "?"));
  }

  /** Levenshtein's: how many letters have to be put in, taken out or changed. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
