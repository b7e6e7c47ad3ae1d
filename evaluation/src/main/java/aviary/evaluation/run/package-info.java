/** Runs tasks: documents in, kept answers and scores out. */
package aviary.evaluation.run;
