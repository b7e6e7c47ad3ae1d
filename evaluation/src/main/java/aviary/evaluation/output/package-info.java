/** What a run leaves: lm-evaluation-harness's table, its result file and its samples. */
package aviary.evaluation.output;
