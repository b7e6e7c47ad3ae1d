/** Runs beside each other: their scores, and the documents where they differ. */
package aviary.evaluation.compare;
