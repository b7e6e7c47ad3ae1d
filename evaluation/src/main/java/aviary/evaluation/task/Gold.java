package aviary.evaluation.task;

import java.util.ArrayList;
import java.util.List;

/**
 * The right answers among choices, as lm-evaluation-harness 0.4.13 reads them.
 *
 * @param positions of the answers; a negative one is never chosen, and {@value #NONE} stands for an
 *     answer that is none of the choices
 * @param stray whether an answer is none of the choices, or there is no answer
 */
public record Gold(List<Integer> positions, boolean stray) {
  /** Stands for an answer that is none of the choices. */
  public static final int NONE = -100;

  /** No answer among choices is asked for. */
  public static final Gold NOT_ASKED = new Gold(List.of(), false);

  /** Copies the list. */
  public Gold {
    positions = List.copyOf(positions);
  }

  /**
   * Reads a label.
   *
   * @param answer a position, the text of a choice, or a list of these
   */
  static Gold of(Object answer, List<String> choices) {
    if (!(answer instanceof List<?> several)) {
      int position = position(answer, choices);
      return new Gold(List.of(position), position < 0);
    }
    List<Integer> positions = new ArrayList<>();
    several.forEach(one -> positions.add(position(one, choices)));
    return new Gold(
        positions, positions.isEmpty() || positions.stream().anyMatch(position -> position < 0));
  }

  /** Of a text that is to be generated: a position stands for the choice there. */
  static Gold item(Object answer, List<String> choices) {
    Long position = choices.isEmpty() ? null : Position.of(answer);
    return new Gold(List.of(), position != null && !Position.isIn(choices, position));
  }

  private static int position(Object answer, List<String> choices) {
    if (answer instanceof String text) {
      int position = choices.indexOf(text);
      return position < 0 ? NONE : position;
    }
    Long position = Position.of(answer);
    boolean known = position != null && position < choices.size() && position > Integer.MIN_VALUE;
    return known ? position.intValue() : NONE;
  }
}
