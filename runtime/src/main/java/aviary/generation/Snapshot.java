package aviary.generation;

import aviary.engine.StateData;

/**
 * All that is needed to go on with a sequence later or elsewhere.
 *
 * @param state what the sequence has seen
 * @param next the logits of the token that comes next, [V]; null where they are not known, as for a
 *     state that was saved without them: then only a prompt can go on
 */
public record Snapshot(StateData state, float[] next) {}
