/** Scores of documents, and of all documents together with their standard errors. */
package aviary.evaluation.metric;
