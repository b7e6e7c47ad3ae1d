package aviary.generation;

import aviary.InputException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * When a generation ends.
 *
 * @param maxTokens after this many tokens at the latest; 0 only runs the prompt
 * @param stops texts that end it when they come; they are not part of what it gives
 */
public record GenerationOptions(int maxTokens, List<String> stops) {

  /**
   * Copies the list and checks the values.
   *
   * @throws InputException if the number is negative, or a stop string is empty or no Unicode text
   */
  public GenerationOptions {
    stops = List.copyOf(stops);
    if (maxTokens < 0) {
      throw new InputException("--max-tokens %d: it has to be at least 0".formatted(maxTokens));
    }
    for (String stop : stops) {
      if (stop.isEmpty()) {
        throw new InputException("--stop: an empty text would stop at once");
      }
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(stop)) {
        throw new InputException("--stop: the text has an unpaired surrogate");
      }
    }
  }
}
