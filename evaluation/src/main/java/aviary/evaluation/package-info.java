/** Language benchmarks, counted as EleutherAI's lm-evaluation-harness 0.4.13 counts them. */
package aviary.evaluation;
