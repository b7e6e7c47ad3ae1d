package aviary.training;

import aviary.training.TrainingOptions.Chunks;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The loss of sequences and its gradients, from the states that they begin with, chunk by chunk.
 * Gradients are added to those of the parameters that it was made with.
 */
final class SequenceGradient {
  private final Parameters parameters;
  private final TimeStates timeStates;
  private final boolean fromOwnStates;
  private final int mostTokens;
  private final ProgramGradient gradient;

  /**
   * @param timeStates what sequences begin with
   * @param fromOwnStates whether they do; otherwise they begin with zeros
   * @param workers who share out each operation
   * @param mostTokens how many tokens run side by side, where sequences are not longer by
   *     themselves
   */
  SequenceGradient(
      Parameters parameters,
      TimeStates timeStates,
      boolean fromOwnStates,
      Workers workers,
      int mostTokens) {
    this.parameters = parameters;
    this.timeStates = timeStates;
    this.fromOwnStates = fromOwnStates;
    this.mostTokens = mostTokens;
    gradient = new ProgramGradient(parameters, workers);
  }

  Parameters parameters() {
    return parameters;
  }

  TimeStates timeStates() {
    return timeStates;
  }

  void clearGradients() {
    parameters.all().forEach(Parameter::clearGradient);
    timeStates.parameters().forEach(Parameter::clearGradient);
  }

  /** The loss alone, walked in chunks of so many tokens; 0 for whole sequences. */
  Loss loss(Sequences batch, int chunk) {
    Loss loss = Loss.NONE;
    for (Sequences some : sideBySide(batch, chunk)) {
      List<InitialStates> states = states(some.count());
      List<Sequences> pieces = chunks(some, chunk);
      for (Sequences piece : pieces) {
        loss = loss.plus(gradient.loss(piece, states, piece != pieces.getLast()));
      }
    }
    return loss;
  }

  /**
   * Adds the gradients of the sequences' part of a mean loss.
   *
   * @param labels how many the mean is over
   */
  Loss gradient(Sequences batch, Chunks chunks, long labels) {
    Loss loss = Loss.NONE;
    for (Sequences some : sideBySide(batch, chunks.tokens())) {
      List<Sequences> pieces = chunks(some, chunks.tokens());
      loss = loss.plus(chunks.exact() ? exact(pieces, labels) : truncated(pieces, labels));
    }
    return loss;
  }

  private List<InitialStates> states(int sequences) {
    List<InitialStates> states = gradient.zeroStates(sequences);
    if (fromOwnStates) {
      timeStates.begin(states);
    }
    return states;
  }

  /** Gradients end where a piece begins. */
  private Loss truncated(List<Sequences> pieces, long labels) {
    List<InitialStates> states = states(pieces.getFirst().count());
    Loss loss = Loss.NONE;
    for (Sequences piece : pieces) {
      List<InitialStates> dstates = gradient.zeroStates(piece.count());
      boolean goOn = piece != pieces.getLast();
      loss = loss.plus(gradient.gradient(piece, states, labels, dstates, goOn));
      // Only the first piece begins with what is tuned.
      if (piece == pieces.getFirst()) {
        timeStates.addGradients(dstates);
      }
    }
    return loss;
  }

  /** Walks forwards to know the state before each piece, and then from the last to the first. */
  private Loss exact(List<Sequences> pieces, long labels) {
    List<InitialStates> states = states(pieces.getFirst().count());
    List<List<InitialStates>> before = new ArrayList<>();
    for (Sequences piece : pieces) {
      before.add(states.stream().map(InitialStates::copy).toList());
      if (piece != pieces.getLast()) {
        gradient.moveOn(piece, states);
      }
    }
    List<InitialStates> dstates = gradient.zeroStates(pieces.getFirst().count());
    Loss loss = Loss.NONE;
    for (int i = pieces.size() - 1; i >= 0; i--) {
      boolean goOn = i < pieces.size() - 1;
      loss = loss.plus(gradient.gradient(pieces.get(i), before.get(i), labels, dstates, goOn));
    }
    timeStates.addGradients(dstates);
    return loss;
  }

  /** A batch in parts of whole sequences. */
  private List<Sequences> sideBySide(Sequences batch, int chunk) {
    int length = chunk == 0 ? batch.length() : Math.min(chunk, batch.length());
    int size = Math.clamp(mostTokens / Math.max(1, length), 1, Math.max(1, batch.count()));
    return IntStream.range(0, Math.ceilDiv(batch.count(), size))
        .mapToObj(i -> batch.sequences(i * size, Math.min(batch.count(), (i + 1) * size)))
        .toList();
  }

  /** Sequences in pieces of so many tokens, one behind the other. */
  private static List<Sequences> chunks(Sequences batch, int size) {
    if (size == 0 || size >= batch.length()) {
      return List.of(batch);
    }
    return IntStream.range(0, Math.ceilDiv(batch.length(), size))
        .mapToObj(i -> batch.part(i * size, Math.min(batch.length(), (i + 1) * size)))
        .toList();
  }
}
