/** Benchmarks as data: task files, and the requests that they make of documents. */
package aviary.evaluation.task;
