package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.Matrices.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which launches become of operations; no device is needed. */
class FusionTest {
  private static final int D = 24;
  private static final Value A = value("a");
  private static final Value B = value("b");

  private static final ModelConfig FINCH = config(Architecture.FINCH, 84, 5, 7, true);
  private static final ModelConfig EAGLE = config(Architecture.EAGLE, 84, 0, 0, true);
  private static final ModelConfig UNGATED = config(Architecture.EAGLE, 84, 0, 0, false);

  private static ModelConfig config(
      Architecture architecture, int feedForward, int mixRank, int decayRank, boolean gated) {
    return new ModelConfig(
        architecture,
        3,
        D,
        3,
        D / 3,
        feedForward,
        67,
        mixRank,
        decayRank,
        8,
        gated,
        DecayForm.PER_CHANNEL);
  }

  /** All matrices are F32. */
  private static Kind floats(Weight weight) {
    return Kind.F32;
  }

  /** As of a model in Q8_0, in which matrices of low rank are floats. */
  private static Kind bytes(Weight weight) {
    return weight.name().matches("att\\.time_.*_w[12]") ? Kind.F32 : Kind.Q8;
  }

  private static List<String> layer(ModelConfig config, Function<Weight, Kind> kind) {
    Program program = Program.of(config);
    return Described.all(Fusion.of(program.layer(), program.layerOut(), kind));
  }

  @Test
  void aFinchLayerIsThirteenLaunches() {
    String mixed = " * ln1 shifted less what is now + ln1";
    assertEquals(
        List.of(
            "norm ln1.weight",
            "shift att: att.time_maa_x",
            "att.time_maa_w1 TANH",
            String.join(
                ", ",
                "att.time_maa_w2[0] bias att.time_maa_w" + mixed,
                "att.time_maa_w2[1] bias att.time_maa_k" + mixed,
                "att.time_maa_w2[2] bias att.time_maa_v" + mixed,
                "att.time_maa_w2[3] bias att.time_maa_r" + mixed,
                "att.time_maa_w2[4] bias att.time_maa_g" + mixed),
            "att.time_decay_w1 TANH, att.key.weight, att.value.weight, att.receptance.weight, "
                + "att.gate.weight SILU",
            "att.time_decay_w2 DECAY bias att.time_decay",
            "wkv",
            "norm att.ln_x.weight * att.gate.weight",
            "att.output.weight + x",
            "norm ln2.weight",
            "shift ffn: ffn.time_maa_k, ffn.time_maa_r",
            "ffn.key.weight SQUARED_RELU, ffn.receptance.weight SIGMOID",
            "ffn.value.weight * ffn.receptance.weight + x + att.output.weight"),
        layer(FINCH, FusionTest::floats));
  }

  @Test
  void matricesOfAnotherKindAreAnotherLaunch() {
    List<String> launches = layer(FINCH, FusionTest::bytes);
    assertEquals(14, launches.size());
    assertEquals(
        List.of(
            "att.time_decay_w1 TANH",
            "att.time_decay_w2 DECAY bias att.time_decay",
            "att.key.weight, att.value.weight, att.receptance.weight, att.gate.weight SILU",
            "wkv"),
        launches.subList(4, 8));
  }

  @Test
  void anEagleLayerIsElevenLaunches() {
    assertEquals(
        List.of(
            "norm ln1.weight",
            "shift att: att.time_mix_r, att.time_mix_k, att.time_mix_v, att.time_mix_g",
            "att.receptance.weight, att.key.weight, att.value.weight, att.gate.weight SILU",
            "decay att.time_decay",
            "wkv",
            "norm att.ln_x.weight * att.gate.weight",
            "att.output.weight + x",
            "norm ln2.weight",
            "shift ffn: ffn.time_mix_k, ffn.time_mix_r",
            "ffn.key.weight SQUARED_RELU, ffn.receptance.weight SIGMOID",
            "ffn.value.weight * ffn.receptance.weight + x + att.output.weight"),
        layer(EAGLE, FusionTest::floats));
  }

  @Test
  void anEagleLayerWithoutGateHasNothingToMultiply() {
    List<String> expected = new ArrayList<>(layer(EAGLE, FusionTest::floats));
    expected.set(1, "shift att: att.time_mix_r, att.time_mix_k, att.time_mix_v");
    expected.set(2, "att.receptance.weight, att.key.weight, att.value.weight");
    expected.set(5, "norm att.ln_x.weight");
    assertEquals(expected, layer(UNGATED, FusionTest::floats));
  }

  @Test
  void startAndEndAreAsTheyWere() {
    Program program = Program.of(FINCH);
    assertEquals(
        List.of("embed", "norm blocks.0.ln0.weight"),
        Described.all(Fusion.of(program.start(), program.hidden(), FusionTest::floats)));
    assertEquals(
        List.of("norm ln_out.weight", "head.weight"),
        Described.all(Fusion.of(program.end(), program.logits(), FusionTest::floats)));
  }

  /** All shapes that engines are tested with, and some whose columns are the same by chance. */
  static Stream<ModelConfig> configs() {
    return Stream.of(
            Stream.of(RandomModels.all(), RandomModels.programs())
                .flatMap(List::stream)
                .map(RandomModel::config),
            Stream.of(FINCH, EAGLE, UNGATED),
            Stream.of(
                config(Architecture.FINCH, D, D, D, true),
                config(Architecture.FINCH, 84, 8, 8, true),
                config(Architecture.FINCH, 120, D, 5, true),
                config(Architecture.EAGLE, D, 0, 0, false)))
        .flatMap(configs -> configs);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void whatALaunchNeedsIsMadeBefore(ModelConfig config) {
    assertOrder(config, FusionTest::floats);
    assertOrder(config, FusionTest::bytes);
  }

  private static void assertOrder(ModelConfig config, Function<Weight, Kind> kind) {
    Program program = Program.of(config);
    Set<Value> made = new HashSet<>(Set.of(program.hidden()));
    for (Launch launch : Fusion.of(program.layer(), program.layerOut(), kind)) {
      for (Value needed : ins(launch)) {
        assertTrue(made.contains(needed), () -> "%s needs %s".formatted(launch, needed));
      }
      for (Value out : launch.outs()) {
        assertTrue(made.add(out), () -> "%s makes %s again".formatted(launch, out));
      }
    }
    assertTrue(made.contains(program.layerOut()), "nothing makes what comes out of the layer");
  }

  private static List<Value> ins(Launch launch) {
    return switch (launch) {
      case Launch.Embed _, Launch.FixedDecay _ -> List.of();
      case Launch.Norm norm -> some(norm.in(), norm.gate()).toList();
      case Launch.Shift shift -> List.of(shift.shift().in());
      case Launch.Products(List<Product> all) ->
          all.stream().flatMap(p -> some(p.in(), p.times(), p.plus())).toList();
      case Launch.Wkv(Op.Wkv op) -> List.of(op.receptance(), op.key(), op.value(), op.decay());
      case Launch.Multiply(Op.Multiply op) -> List.of(op.a(), op.b());
      case Launch.Add(Op.Add op) -> List.of(op.a(), op.b());
    };
  }

  private static Stream<Value> some(Value... values) {
    return Arrays.stream(values).filter(Objects::nonNull);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void productsOfALaunchAreOfOneKindAndHaveTheSameColumns(ModelConfig config) {
    Program program = Program.of(config);
    List<Launch> launches = Fusion.of(program.layer(), program.layerOut(), FusionTest::bytes);
    for (Launch.Products products : DeviceProgram.products(launches)) {
      List<Product> all = products.all();
      assertEquals(1, all.stream().map(Product::columns).distinct().count(), products::toString);
      assertEquals(
          1, all.stream().map(p -> bytes(p.weight())).distinct().count(), products::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void noWeightIsLost(ModelConfig config) {
    Program program = Program.of(config);
    List<Launch> launches = Fusion.of(program.layer(), program.layerOut(), FusionTest::floats);
    List<Weight> vectors = new ArrayList<>();
    List<Weight> matrices = new ArrayList<>();
    for (Op op : program.layer()) {
      switch (op) {
        case Op.MatMul o -> matrices.add(o.weight());
        case Op.DdLerp o -> {
          vectors.addAll(o.amounts());
          o.amounts().forEach(_ -> matrices.add(o.up()));
        }
        case Op.Lerp o -> vectors.add(o.amount());
        case Op.Decay o -> vectors.add(o.base());
        case Op.FixedDecay o -> vectors.add(o.base());
        case Op.Wkv o -> vectors.add(o.bonus());
        case Op.LayerNorm o -> vectors.addAll(List.of(o.scale(), o.bias()));
        case Op.GroupNorm o -> vectors.addAll(List.of(o.scale(), o.bias()));
        case Op.Embed _, Op.TokenShift _, Op.Multiply _, Op.Add _ -> {}
      }
    }
    assertSame(vectors, launches.stream().flatMap(l -> l.vectors().stream()));
    assertSame(
        matrices,
        DeviceProgram.products(launches).stream()
            .flatMap(p -> p.all().stream())
            .map(Product::weight));
  }

  private static void assertSame(List<Weight> expected, Stream<Weight> actual) {
    Comparator<Weight> byName = Comparator.comparing(Weight::name);
    assertEquals(expected.stream().sorted(byName).toList(), actual.sorted(byName).toList());
  }

  private static Value value(String name) {
    return new Value(name, D);
  }

  private static Op.MatMul matMul(Value in, String weight, Value out) {
    return new Op.MatMul(in, Weight.of(weight), Layout.OUT_IN, Activation.NONE, out);
  }

  private static List<String> fuse(Value kept, Op... ops) {
    return Described.all(Fusion.of(List.of(ops), kept, FusionTest::floats));
  }

  @Test
  void aValueThatIsUsedTwiceIsNotFusedAway() {
    Op product = matMul(A, "w", value("m"));
    Op times = new Op.Multiply(value("m"), B, value("t"));
    assertEquals(List.of("w * b"), fuse(value("t"), product, times));
    assertEquals(
        List.of("w", "m * b", "m + t"),
        fuse(value("s"), product, times, new Op.Add(value("m"), value("t"), value("s"))));
    assertEquals(List.of("w", "m * b"), fuse(value("m"), product, times));
    assertEquals(
        List.of("w", "m * m"),
        fuse(value("t"), product, new Op.Multiply(value("m"), value("m"), value("t"))));
  }

  @Test
  void aNormThatIsUsedTwiceHasNoGate() {
    Op norm = new Op.LayerNorm(A, Weight.of("s"), Weight.of("o"), value("n"));
    Op gate = new Op.Multiply(value("n"), B, value("g"));
    assertEquals(List.of("norm s * b"), fuse(value("g"), norm, gate));
    assertEquals(List.of("norm s", "n * b"), fuse(value("n"), norm, gate));
    Op another = new Op.Multiply(B, value("g"), value("h"));
    assertEquals(List.of("norm s * b", "b * g"), fuse(value("h"), norm, gate, another));
  }

  @Test
  void whatIsMadeLaterIsNotTakenIn() {
    Op first = matMul(A, "w", value("m"));
    Op second = matMul(value("m"), "v", value("n"));
    Op third = matMul(value("n"), "u", value("k"));
    Op product = new Op.Multiply(value("m"), value("k"), value("t"));
    assertEquals(List.of("w", "v", "u * m"), fuse(value("t"), first, second, third, product));
    // Two of one launch: neither is there for the other.
    Op beside = matMul(B, "z", value("k"));
    assertEquals(
        List.of("w, z", "m + k"),
        fuse(value("t"), first, beside, new Op.Add(value("m"), value("k"), value("t"))));
  }

  @Test
  void aProductTakesInOneOfEach() {
    Op product = matMul(A, "w", value("m"));
    Op times = new Op.Multiply(B, value("m"), value("t"));
    Op plus = new Op.Add(value("t"), A, value("p"));
    assertEquals(List.of("w * b + a"), fuse(value("p"), product, times, plus));
    assertEquals(
        List.of("w * b", "t * a"),
        fuse(value("p"), product, times, new Op.Multiply(value("t"), A, value("p"))));
    // A sum comes behind the multiplication, never before.
    Op sum = new Op.Add(value("m"), A, value("s"));
    assertEquals(
        List.of("w + a", "s * b"),
        fuse(value("t"), product, sum, new Op.Multiply(value("s"), B, value("t"))));
    assertEquals(
        List.of("w + a", "s + b"),
        fuse(value("t"), product, sum, new Op.Add(value("s"), B, value("t"))));
  }

  @Test
  void whatHasNoKernelIsRefused() {
    Op lerp = new Op.Lerp(A, B, Weight.of("w"), value("l"));
    Op norm = new Op.LayerNorm(A, Weight.of("s"), Weight.of("o"), value("n"));
    assertThrows(IllegalStateException.class, () -> fuse(value("l"), norm, lerp));
    Op decay = new Op.Decay(A, Weight.of("w"), value("d"));
    assertThrows(IllegalStateException.class, () -> fuse(value("d"), decay));
    Op ddLerp =
        new Op.DdLerp(
            A, B, value("lora"), Weight.of("w"), List.of(Weight.of("x")), List.of(value("l")));
    assertThrows(IllegalStateException.class, () -> fuse(value("l"), ddLerp));
  }

  @Test
  void aDecayBehindMoreThanAProductIsRefused() {
    Op product = matMul(A, "w", value("m"));
    Op decay = new Op.Decay(value("t"), Weight.of("base"), value("d"));
    assertEquals(
        List.of("w DECAY bias base"),
        fuse(value("d"), product, new Op.Decay(value("m"), Weight.of("base"), value("d"))));
    for (Op between :
        List.of(
            new Op.Multiply(value("m"), B, value("t")), new Op.Add(value("m"), B, value("t")))) {
      assertThrows(IllegalStateException.class, () -> fuse(value("d"), product, between, decay));
    }
  }

  /** A ddlerp goes from what was shifted, as the shift gives the difference from that only. */
  @Test
  void aDdLerpFromAnotherValueIsRefused() {
    Op shift = new Op.TokenShift(A, Op.TokenShift.Slot.ATT, value("p"));
    Op ddLerp =
        new Op.DdLerp(
            B,
            value("p"),
            value("lora"),
            Weight.of("w"),
            List.of(Weight.of("x")),
            List.of(value("l")));
    assertThrows(IllegalStateException.class, () -> fuse(value("l"), shift, ddLerp));
  }

  /** Lerps both ways behind one shift would need two launches. */
  @Test
  void lerpsInBothDirectionsAreRefused() {
    Value p = value("p");
    Op shift = new Op.TokenShift(A, Op.TokenShift.Slot.ATT, p);
    Op there = new Op.Lerp(A, p, Weight.of("w"), value("l"));
    Op back = new Op.Lerp(p, A, Weight.of("v"), value("m"));
    assertEquals(List.of("shift att: w"), fuse(value("l"), shift, there));
    assertEquals(List.of("shift att: v"), fuse(value("m"), shift, back));
    assertThrows(IllegalStateException.class, () -> fuse(value("m"), shift, there, back));
  }
}
