package aviary.tornado;

/**
 * How much there is to do in a pass.
 *
 * @param rows the rows of activations
 * @param parts the sequences that they belong to
 * @param wanted the rows whose logits are wanted
 */
record Counts(int rows, int parts, int wanted) {}
