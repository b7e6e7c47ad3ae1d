package aviary.training;

/** What a model learns from: a batch for each step, the same one whenever it is asked for. */
public interface TrainingData {

  /** The batch of a step, counted from 0. */
  Sequences batch(long step);

  /** Tells these data from others, so that training does not go on with others: a line of text. */
  String identity();
}
