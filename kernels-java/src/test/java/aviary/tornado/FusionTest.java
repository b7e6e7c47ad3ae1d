package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.kernels.Activations;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which operations become which launches. */
class FusionTest {
  private static final Function<Weight, ?> ONE_KIND = _ -> "";

  private final Value a = new Value("a", 4);
  private final Value b = new Value("b", 4);
  private final Value c = new Value("c", 4);
  private final Value d = new Value("d", 4);
  private final Value e = new Value("e", 4);

  private static Op.MatMul product(Value in, String weight, Value out) {
    return new Op.MatMul(in, Weight.of(weight), Layout.OUT_IN, Activation.NONE, out);
  }

  private static List<Launch> layer(ModelConfig config) {
    Program program = Program.of(config);
    return Fusion.of(program.layer(), program.layerOut(), ONE_KIND);
  }

  private static List<String> names(List<Launch> launches) {
    return launches.stream()
        .map(launch ->
            launch instanceof Launch.Products(List<Product> all)
                ? all.size() + " products"
                : launch.getClass().getSimpleName())
        .toList();
  }

  @Test
  void aLayerOfFinchIsThirteenLaunches() {
    ModelConfig finch = RandomModels.programs().getLast().config();
    assertEquals(
        List.of(
            "Norm",
            "Shift",
            "1 products",
            "5 products",
            "5 products",
            "1 products",
            "Wkv",
            "Norm",
            "1 products",
            "Norm",
            "Shift",
            "2 products",
            "1 products"),
        names(layer(finch)));
  }

  @Test
  void aLayerOfEagleIsElevenLaunches() {
    ModelConfig eagle = RandomModels.programs().getFirst().config();
    assertEquals(
        List.of(
            "Norm",
            "Shift",
            "4 products",
            "FixedDecay",
            "Wkv",
            "Norm",
            "1 products",
            "Norm",
            "Shift",
            "2 products",
            "1 products"),
        names(layer(eagle)));
  }

  static Stream<RandomModel> models() {
    return RandomModels.all().stream();
  }

  /** What a launch works with was made by those before it, and what comes out is made once. */
  @ParameterizedTest
  @MethodSource("models")
  void everythingIsMadeBeforeItIsUsed(RandomModel random) {
    Program program = Program.of(random.config());
    Set<Value> made = new HashSet<>(Set.of(program.hidden()));
    for (Launch launch : layer(random.config())) {
      for (Value in : ins(launch)) {
        assertTrue(made.contains(in), () -> in + " is not there for " + launch);
      }
      for (Value out : launch.outs()) {
        assertTrue(made.add(out), () -> out + " is made twice");
      }
    }
    assertTrue(made.contains(program.layerOut()));
  }

  private static List<Value> ins(Launch launch) {
    return switch (launch) {
      case Launch.Embed _, Launch.FixedDecay _ -> List.of();
      case Launch.Norm norm -> Stream.of(norm.in(), norm.gate()).filter(Objects::nonNull).toList();
      case Launch.Shift shift -> List.of(shift.shift().in());
      case Launch.Products(List<Product> all) ->
          all.stream()
              .flatMap(p -> Stream.of(p.in(), p.times(), p.plus()))
              .filter(Objects::nonNull)
              .toList();
      case Launch.Wkv(Op.Wkv op) -> List.of(op.receptance(), op.key(), op.value(), op.decay());
      case Launch.Multiply(Op.Multiply op) -> List.of(op.a(), op.b());
      case Launch.Add(Op.Add op) -> List.of(op.a(), op.b());
    };
  }

  @Test
  void aProductTakesInWhatFollowsIt() {
    List<Launch> launches =
        Fusion.of(
            List.of(product(a, "w", c), new Op.Multiply(b, c, d), new Op.Add(a, d, e)),
            e,
            ONE_KIND);
    Product product = DeviceProgram.products(launches).getFirst().all().getFirst();
    assertEquals(1, launches.size());
    assertEquals(List.of(b, a, e), List.of(product.times(), product.plus(), product.out()));
  }

  @Test
  void aValueThatIsUsedTwiceIsNotTakenIn() {
    List<Launch> launches =
        Fusion.of(
            List.of(product(a, "w", b), new Op.Multiply(a, b, c), new Op.Add(b, c, d)),
            d,
            ONE_KIND);
    assertEquals(List.of("1 products", "Multiply", "Add"), names(launches));
  }

  /** The result of one is what the other is multiplied by, so they are not one launch. */
  @Test
  void aProductWaitsForWhatItNeeds() {
    List<Launch> launches = Fusion.of(List.of(product(a, "v", b), product(b, "w", c)), c, ONE_KIND);
    assertEquals(List.of("1 products", "1 products"), names(launches));
  }

  @Test
  void whatIsMadeLaterIsNotTakenIn() {
    List<Launch> launches =
        Fusion.of(
            List.of(
                product(a, "v", b),
                new Op.LayerNorm(a, Weight.of("s"), Weight.of("t"), c),
                new Op.Multiply(b, c, d)),
            d,
            ONE_KIND);
    assertEquals(2, launches.size());
    Product product = DeviceProgram.products(launches).getFirst().all().getFirst();
    assertNull(product.times());
    assertEquals(b, ((Launch.Norm) launches.getLast()).gate());
  }

  @Test
  void matricesOfTwoKindsAreTwoLaunches() {
    List<Op> ops = List.of(product(a, "v", b), product(a, "w", c));
    assertEquals(List.of("2 products"), names(Fusion.of(ops, c, ONE_KIND)));
    assertEquals(List.of("1 products", "1 products"), names(Fusion.of(ops, c, Weight::name)));
  }

  @Test
  void aDecayIsTheEndOfItsProduct() {
    Weight base = Weight.of("base");
    List<Launch> launches =
        Fusion.of(List.of(product(a, "w", b), new Op.Decay(b, base, c)), c, ONE_KIND);
    Product product = DeviceProgram.products(launches).getFirst().all().getFirst();
    assertEquals(Activations.DECAY, product.activation());
    assertEquals(base, product.bias());
    assertEquals(c, product.out());
  }

  @Test
  void whatHasNoKernelIsNamed() {
    Op.Lerp lerp = new Op.Lerp(a, b, Weight.of("m"), c);
    Op.LayerNorm before = new Op.LayerNorm(a, Weight.of("s"), Weight.of("t"), b);
    String message =
        assertThrows(
                IllegalStateException.class, () -> Fusion.of(List.of(before, lerp), c, ONE_KIND))
            .getMessage();
    assertTrue(message.contains("lerp"), message);
  }
}
