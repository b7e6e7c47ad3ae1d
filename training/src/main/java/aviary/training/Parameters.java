package aviary.training;

import aviary.InputException;
import aviary.model.Inventory;
import aviary.model.Inventory.Item;
import aviary.model.Model;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.Weight;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model's tensors as floats, with their gradients, in the program's order. */
final class Parameters {
  private final Model model;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * Copies a model's weights.
   *
   * @throws InputException if the model is of a form that is not trained
   */
  Parameters(Model model) {
    this.model = model;
    if (!model.config().decay().equals(DecayForm.PER_CHANNEL)) {
      throw new InputException(
          model.config().title() + " has one decay a head, which is not trained; take 5.2 or 6");
    }
    Inventory.of(model.config(), model.program()).all().forEach(this::add);
  }

  private Parameters(Parameters other) {
    model = other.model;
    other.parameters.forEach((name, each) -> parameters.put(name, each.withOwnGradient()));
  }

  /** The same weights, with other gradients. */
  Parameters withOwnGradients() {
    return new Parameters(this);
  }

  /** How large all weights are, and as much again all gradients. */
  long bytes() {
    return parameters.values().stream()
        .mapToLong(parameter -> (long) Float.BYTES * parameter.weights().length)
        .sum();
  }

  private void add(Item item) {
    Tensor tensor = model.tensor(item.name());
    if (tensor.dtype() == DType.I8) {
      throw new InputException(
          item.name() + " is Q8_0, which is not trained; convert the model to f32 or bf16 first");
    }
    parameters.put(
        item.name(), new Parameter(item.name(), item.shape(), item.role(), tensor.toFloats()));
  }

  /** The model that they were copied from, which keeps its weights. */
  Model model() {
    return model;
  }

  /** The model's tensors that no operation uses, such as the state that sequences begin with. */
  List<Tensor> untrained() {
    return model.tensors().values().stream()
        .filter(tensor -> !parameters.containsKey(tensor.name()))
        .toList();
  }

  Collection<Parameter> all() {
    return parameters.values();
  }

  Parameter get(String name) {
    return parameters.get(name);
  }

  /** A weight of a program's operation in a layer. */
  Parameter get(Weight weight, String prefix) {
    return parameters.get(prefix + weight.name());
  }

  /**
   * A model that has the weights as they are now, and goes on having them as they change. What no
   * operation uses, such as the state that sequences begin with, is as it was.
   */
  Model toModel() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : parameters.values()) {
      tensors.put(parameter.name(), parameter.tensor());
    }
    model.tensors().forEach(tensors::putIfAbsent);
    return new Model(model.config(), model.program(), tensors, model.metadata());
  }
}
