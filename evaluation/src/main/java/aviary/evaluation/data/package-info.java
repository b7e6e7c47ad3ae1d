/**
 * Data sets on disk, as the hub serves them. A document is a map from columns to values: null,
 * {@code Boolean}, {@code Long} or another whole number, {@code Double}, {@code String}, {@code
 * List}, {@code Map} or a {@link aviary.evaluation.template.PythonObject}. {@link
 * aviary.evaluation.data.ParquetTypes} and {@link aviary.evaluation.data.JsonColumns} say which
 * columns become what.
 */
package aviary.evaluation.data;
