package aviary.training;

import aviary.model.Op;

/**
 * A layer's operations, or those around the layers: each forwards and backwards. Backwards an
 * operation reads the gradient of what it gave, and adds to those of what it was given and of its
 * weights.
 */
final class LayerGradient {
  private final ElementGradient elements;
  private final RowGradient rows;
  private final MixGradient mixes;
  private final ProductGradient products;
  private final RecurrenceGradient recurrence;

  LayerGradient(LayerRun run) {
    elements = new ElementGradient(run);
    rows = new RowGradient(run);
    mixes = new MixGradient(run);
    products = new ProductGradient(run);
    recurrence = new RecurrenceGradient(run);
  }

  /** Computes what an operation gives. */
  void forward(Op op) {
    switch (op) {
      case Op.Embed o -> elements.embed(o);
      case Op.LayerNorm o ->
          rows.norm(o.in(), 1, Op.LayerNorm.EPSILON, o.scale(), o.bias(), o.out());
      case Op.GroupNorm o ->
          rows.norm(o.in(), o.groups(), o.epsilon(), o.scale(), o.bias(), o.out());
      case Op.TokenShift o -> rows.shift(o);
      case Op.Lerp o -> mixes.lerp(o);
      case Op.DdLerp o -> mixes.ddLerp(o);
      case Op.MatMul o -> products.product(o);
      case Op.FixedDecay o -> elements.fixedDecay(o);
      case Op.Decay o -> elements.decay(o);
      case Op.Wkv o -> recurrence.wkv(o);
      case Op.Multiply o -> elements.multiply(o);
      case Op.Add o -> elements.sum(o);
    }
  }

  /** Adds to the gradients of what an operation was given. */
  void backward(Op op) {
    switch (op) {
      case Op.Embed o -> elements.embedBack(o);
      case Op.LayerNorm o ->
          rows.normBack(o.in(), 1, Op.LayerNorm.EPSILON, o.scale(), o.bias(), o.out());
      case Op.GroupNorm o ->
          rows.normBack(o.in(), o.groups(), o.epsilon(), o.scale(), o.bias(), o.out());
      case Op.TokenShift o -> rows.shiftBack(o);
      case Op.Lerp o -> mixes.lerpBack(o);
      case Op.DdLerp o -> mixes.ddLerpBack(o);
      case Op.MatMul o -> products.productBack(o);
      case Op.FixedDecay o -> elements.fixedDecayBack(o);
      case Op.Decay o -> elements.decayBack(o);
      case Op.Wkv o -> recurrence.wkvBack(o);
      case Op.Multiply o -> elements.multiplyBack(o);
      case Op.Add o -> elements.sumBack(o);
    }
  }
}
