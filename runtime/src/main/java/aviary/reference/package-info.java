/**
 * The oracle: a plain implementation of every operation in double precision, one token and one
 * number at a time, written to be read. It has no speed to speak of. Tests compare every other
 * backend with it; its device {@code reference} can be chosen like any other, to find out whether a
 * strange result comes from a model or from a backend.
 */
package aviary.reference;
