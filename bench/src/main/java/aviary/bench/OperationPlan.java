package aviary.bench;

import aviary.engine.EngineOptions;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which single operations are to be measured, and where: those of the models, each once.
 *
 * @param places where
 */
record OperationPlan(List<Place> places) {

  /**
   * An operation in a type.
   *
   * @param like the shapes of the model that has it
   */
  record Item(Operation operation, ModelConfig like, WeightType type) {
    /** What results call it. */
    String name() {
      return "%s of %d".formatted(operation.title(), like.width());
    }

    @Override
    public String toString() {
      return "%s in %s".formatted(name(), Weights.name(type));
    }
  }

  /** The operations for a device. */
  record Place(String device, int threads, List<Item> items) {

    /** The limits, and the operations. */
    int steps() {
      return 1 + items.size();
    }
  }

  int steps() {
    return places.stream().mapToInt(Place::steps).sum();
  }

  /**
   * What a plan wants.
   *
   * @param base how engines run
   * @param kinds what its models are
   */
  static OperationPlan of(Plan plan, EngineOptions base, List<Subject.Kind> kinds) {
    List<Place> places = new ArrayList<>();
    List<Item> items = plan.operations() ? items(kinds) : List.of();
    for (String device : plan.devices()) {
      for (int threads : plan.threadsOn(device, base)) {
        // What several devices share is not one operation.
        if (!items.isEmpty() && !device.contains(",")) {
          places.add(new Place(device, threads, items));
        }
      }
    }
    return new OperationPlan(List.copyOf(places));
  }

  private static List<Item> items(List<Subject.Kind> kinds) {
    Map<String, Item> items = new LinkedHashMap<>();
    for (Subject.Kind kind : kinds) {
      for (Operation operation : Operation.of(kind.config().architecture())) {
        WeightType type = OperationModel.typeOf(operation, kind.config(), kind.type());
        Item item = new Item(operation, kind.config(), type);
        items.putIfAbsent(item.toString(), item);
      }
    }
    return List.copyOf(items.values());
  }
}
