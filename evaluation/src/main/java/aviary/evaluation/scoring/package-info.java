/**
 * Answers requests with a model, and runs no token twice: a prefix that several texts share is run
 * once, and its state forked.
 */
package aviary.evaluation.scoring;
