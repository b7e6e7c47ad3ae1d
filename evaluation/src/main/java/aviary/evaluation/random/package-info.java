/**
 * Python's random numbers, so that the same few-shot examples and the same bootstrap draws come.
 */
package aviary.evaluation.random;
