package aviary.model;

import static aviary.model.ModelConfig.Architecture.EAGLE;
import static aviary.model.ModelConfig.Architecture.FINCH;

import aviary.InputException;
import aviary.model.ModelConfig.Architecture;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The shapes of the published models, by the names that people call them; and {@code finch-0.4b}, a
 * Finch of the smallest Eagle's size, for benchmarks.
 */
public final class PublishedShapes {

  /** Of the World vocabulary, with its unused ids. */
  private static final int VOCABULARY = 65536;

  private static final Map<String, ModelShape> SHAPES = new LinkedHashMap<>();

  static {
    add("eagle-0.4b", EAGLE, 24, 1024);
    add("eagle-1.5b", EAGLE, 24, 2048);
    add("eagle-3b", EAGLE, 32, 2560);
    add("eagle-7b", EAGLE, 32, 4096);
    add("finch-0.4b", FINCH, 24, 1024);
    add("finch-1.6b", FINCH, 24, 2048);
    add("finch-3b", FINCH, 32, 2560);
    add("finch-7b", FINCH, 32, 4096);
    add("finch-14b", FINCH, 61, 4096);
  }

  private PublishedShapes() {}

  private static void add(String name, Architecture architecture, int layers, int width) {
    ModelShape shape =
        new ModelShape(architecture, layers, width, VOCABULARY, null, null, null, null);
    SHAPES.put(name, shape);
  }

  /**
   * A published model's shape.
   *
   * @param name such as {@code finch-0.4b}; in any case
   * @throws InputException if there is none of that name
   */
  public static ModelShape find(String name) {
    ModelShape shape = SHAPES.get(name.toLowerCase(Locale.ROOT));
    if (shape == null) {
      throw new InputException(
          "no published model has the shape '%s': known are %s"
              .formatted(TensorNames.shown(name), String.join(", ", SHAPES.keySet())));
    }
    return shape;
  }

  /** The names, in order of size. */
  public static Iterable<String> names() {
    return SHAPES.keySet();
  }
}
