/**
 * How fast models run: {@link aviary.bench.Bench} measures, {@link aviary.bench.BenchFile} keeps
 * what was measured, {@link aviary.bench.Tables} prints it, and {@link aviary.bench.Report} shows
 * it in charts. Words and numbers are those of llama-bench, where it has them.
 */
package aviary.bench;
