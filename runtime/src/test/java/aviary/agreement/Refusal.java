package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** A wrong call is refused with one clear line. */
public final class Refusal {
  private Refusal() {}

  /** Fails unless the call throws such an exception, with a message of one line with the words. */
  public static void refused(Class<? extends Exception> kind, String words, Executable call) {
    String message = assertThrows(kind, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  /** The same for what cannot be called now. */
  public static void refused(String words, Executable call) {
    refused(IllegalStateException.class, words, call);
  }
}
