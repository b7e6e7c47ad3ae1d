/**
 * Data sets on disk, as the hub serves them. A document is a map from columns to values: null,
 * {@code Boolean}, {@code Long} or another whole number, {@code Double}, {@code String}, {@code
 * List} or {@code Map}.
 */
package aviary.evaluation.data;
