package aviary.engine;

import aviary.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Which library of matrix products (BLAS) backends that run on the host's cores use for many rows
 * of activations.
 */
public enum BlasChoice {
  /** One that is there and is known to be faster here than the backend's own products. */
  AUTO,
  /** The backend's own products. */
  NONE,
  /** OpenBLAS; an error where it is not found. */
  OPENBLAS,
  /** Intel's oneMKL; an error where it is not found. */
  MKL;

  /**
   * What {@code --blas} is given.
   *
   * @throws InputException if there is no such choice
   */
  public static BlasChoice parse(String text) {
    for (BlasChoice choice : values()) {
      if (choice.toString().equals(text)) {
        return choice;
      }
    }
    throw new InputException(
        "--blas %s: there is %s"
            .formatted(
                text,
                Arrays.stream(values())
                    .map(BlasChoice::toString)
                    .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
