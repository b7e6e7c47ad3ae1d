/** Texts as people have them: plain files, and the documents of JSON Lines and Parquet. */
package aviary.evaluation.text;
