/**
 * Trains models on the cores of this machine: a program is walked forwards and backwards over
 * batches of sequences ({@link aviary.training.ProgramGradient}), and what comes out moves the
 * weights ({@link aviary.training.AdamW}). {@link aviary.training.Trainer} repeats that.
 */
package aviary.training;
