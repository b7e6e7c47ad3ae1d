/** How well a model expects the next token, by how much it has seen before. */
package aviary.evaluation.position;
