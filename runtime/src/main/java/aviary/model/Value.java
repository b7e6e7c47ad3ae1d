package aviary.model;

/**
 * A named intermediate of a program: one row of floats for every token.
 *
 * @param name its name in the formulas
 * @param width the floats in a row
 */
public record Value(String name, int width) {}
