/**
 * Multi-query associative recall (Arora et al. 2023, "Zoology", arXiv 2312.04927): a sequence lists
 * keys with their values, then names keys again, and the model has to answer each with its value.
 */
package aviary.mqar;
