package aviary.tornado;

import aviary.model.Op;
import aviary.tornado.kernels.Activations;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Launches as text, by the names of their weights: {@code w TANH bias b * t + p} for a product. */
final class Described {
  private Described() {}

  /** A line for each launch. */
  static List<String> all(List<Launch> launches) {
    return launches.stream().map(Described::of).toList();
  }

  private static String of(Launch launch) {
    return switch (launch) {
      case Launch.Embed _ -> "embed";
      case Launch.Norm norm ->
          "norm " + norm.scale().name() + (norm.gate() == null ? "" : " * " + norm.gate().name());
      case Launch.Shift shift ->
          "shift %s: ".formatted(shift.shift().slot()).toLowerCase(Locale.ROOT)
              + shift.lerps().stream()
                  .map(lerp -> lerp.amount().name())
                  .collect(Collectors.joining(", "));
      case Launch.Products(List<Product> all) ->
          all.stream().map(Described::of).collect(Collectors.joining(", "));
      case Launch.FixedDecay(Op.FixedDecay op) -> "decay " + op.base().name();
      case Launch.Wkv _ -> "wkv";
      case Launch.Multiply(Op.Multiply op) -> op.a().name() + " * " + op.b().name();
      case Launch.Add(Op.Add op) -> op.a().name() + " + " + op.b().name();
    };
  }

  /** Of a tensor of several matrices it has the number, too. */
  private static String of(Product product) {
    boolean isOneOfSeveral = product.weight().name().equals("att.time_maa_w2");
    return product.weight().name()
        + (isOneOfSeveral ? "[" + product.part() + "]" : "")
        + activation(product.activation())
        + (product.bias() == null ? "" : " bias " + product.bias().name())
        + (product.times() == null ? "" : " * " + product.times().name())
        + (product.plus() == null ? "" : " + " + product.plus().name());
  }

  private static String activation(int activation) {
    return switch (activation) {
      case Activations.NONE -> "";
      case Activations.TANH -> " TANH";
      case Activations.SIGMOID -> " SIGMOID";
      case Activations.SILU -> " SILU";
      case Activations.SQUARED_RELU -> " SQUARED_RELU";
      case Activations.DECAY -> " DECAY";
      default -> throw new IllegalArgumentException("no activation " + activation);
    };
  }
}
