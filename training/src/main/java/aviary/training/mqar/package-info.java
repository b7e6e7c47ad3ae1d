/** Trains models on MQAR, one or a sweep of many. */
package aviary.training.mqar;
