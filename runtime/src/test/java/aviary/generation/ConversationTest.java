package aviary.generation;

import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.tokenizer.SmallVocabulary;
import aviary.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final BooleanSupplier NEVER = () -> false;

  private final Tokenizer tokenizer =
      SmallVocabulary.of("\n\n", "User", "Assistant", " Good day!\n", " Well");

  /**
   * A model that answers the n-th question of a transcript; it knows where it is by what it has
   * seen.
   */
  private FakeEngine answering(String... answers) {
    return FakeEngine.writing(seen -> {
      String text = text(seen);
      int turn = text.split("Assistant:", -1).length - 2;
      String answer = answers[Math.min(turn, answers.length - 1)] + "\n\nUser: and so on";
      String given = text.substring(text.lastIndexOf("Assistant:") + "Assistant:".length());
      return turn < 0 || given.length() >= answer.length()
          ? 0
          : tokenizer.encode(answer.substring(given.length()))[0];
    });
  }

  private String text(List<Integer> seen) {
    return new String(
        tokenizer.decode(seen.stream().mapToInt(i -> i).toArray()), StandardCharsets.UTF_8);
  }

  private String transcript(Conversation conversation) {
    return text(FakeEngine.seen(conversation.snapshot().state()));
  }

  private Conversation conversation(FakeEngine engine) {
    return new Conversation(engine, tokenizer, SamplerOptions.GREEDY, 100);
  }

  private static String say(Conversation conversation, String message) {
    StringBuilder answer = new StringBuilder();
    conversation.say(message, answer::append, NEVER);
    return answer.toString();
  }

  @Test
  void asksAndAnswersInTheFormatOfTheWorldModels() {
    Conversation conversation =
        conversation(answering(" Good day!", " Well, yes.\n\nUsers say so."));
    assertEquals("Good day!", say(conversation, "Hello"));
    assertEquals("User: Hello\n\nAssistant: Good day!", transcript(conversation));
    assertEquals("Well, yes.\n\nUsers say so.", say(conversation, "Is it?"));
    assertEquals(
        "User: Hello\n\nAssistant: Good day!"
            + "\n\nUser: Is it?\n\nAssistant: Well, yes.\n\nUsers say so.",
        transcript(conversation));
  }

  @Test
  void emptyLinesInTheMessageAreLeftOut() {
    Conversation conversation = conversation(answering(" Yes."));
    say(conversation, "\n one\r\n\r\ntwo\n \n\n\nthree\nfour\n\n");
    assertEquals("User: one\ntwo\nthree\nfour\n\nAssistant: Yes.", transcript(conversation));
  }

  @Test
  void blankMessagesAreRefused() {
    Conversation conversation = conversation(answering(" Yes."));
    assertThrows(InputException.class, () -> say(conversation, " \n"));
    assertFalse(conversation.undo());
  }

  @Test
  void undoTakesTurnsBackOneByOne() {
    FakeEngine engine = answering(" a", " b", " c");
    Conversation conversation = conversation(engine);
    say(conversation, "1");
    String first = transcript(conversation);
    say(conversation, "2");
    assertTrue(conversation.undo());
    assertEquals(first, transcript(conversation));
    assertEquals("b", say(conversation, "two"));
    assertTrue(conversation.undo());
    assertTrue(conversation.undo());
    assertEquals("", transcript(conversation));
    assertFalse(conversation.undo());
    say(conversation, "1");
    assertEquals(first, transcript(conversation));
  }

  @Test
  void keepsSoManyTurnsAndNoMoreStates() {
    FakeEngine engine = answering(" a");
    Conversation conversation = conversation(engine);
    for (int turn = 0; turn < Conversation.UNDO_TURNS + 5; turn++) {
      say(conversation, "again");
    }
    assertEquals(Conversation.UNDO_TURNS + 1, engine.openStates());
    for (int turn = 0; turn < Conversation.UNDO_TURNS; turn++) {
      assertTrue(conversation.undo());
    }
    assertFalse(conversation.undo());
    conversation.close();
    assertEquals(0, engine.openStates());
  }

  @Test
  void resetBeginsAnew() {
    FakeEngine engine = answering(" a", " b");
    Conversation conversation = conversation(engine);
    say(conversation, "1");
    conversation.reset();
    assertEquals("a", say(conversation, "2"));
    assertEquals("User: 2\n\nAssistant: a", transcript(conversation));
    assertEquals(2, engine.openStates());
  }

  @Test
  void aKeptConversationGoesOnElsewhere() {
    Conversation conversation = conversation(answering(" a", " b"));
    say(conversation, "1");
    Conversation other = conversation(answering(" a", " b"));
    other.restore(conversation.snapshot());
    assertFalse(other.undo());
    assertEquals("b", say(other, "2"));
    assertEquals("User: 1\n\nAssistant: a\n\nUser: 2\n\nAssistant: b", transcript(other));
  }

  @Test
  void anInterruptedAnswerIsKeptAsFarAsItWasGiven() {
    Conversation conversation = conversation(answering(" abcdef", " b"));
    StringBuilder answer = new StringBuilder();
    Generation cut = conversation.say("1", answer::append, () -> answer.toString().endsWith("c"));
    assertEquals(StopReason.INTERRUPTED, cut.reason());
    assertEquals("User: 1\n\nAssistant: abc", transcript(conversation));
    assertEquals("b", say(conversation, "2"));
    assertTrue(conversation.undo());
    assertTrue(conversation.undo());
    assertEquals("", transcript(conversation));
  }

  @Test
  void whenThePromptIsInterruptedNothingWasSaid() {
    FakeEngine engine = answering(" a", " b");
    Conversation conversation = conversation(engine);
    say(conversation, "1");
    String before = transcript(conversation);
    AtomicInteger asked = new AtomicInteger();
    conversation.say(
        "x".repeat(3 * Generator.PREFILL_TOKENS), piece -> {}, () -> asked.incrementAndGet() > 1);
    assertEquals(before, transcript(conversation));
    assertEquals(2, engine.openStates());
  }

  @Test
  void afterTheConsumerThrewItGoesOnAsIfNothingHadBeenSaid() {
    FakeEngine engine = answering(" Good day!", " Well.");
    Conversation conversation = conversation(engine);
    String first = say(conversation, "Hello");
    final String before = transcript(conversation);
    refused(
        "full",
        () ->
            conversation.say(
                "How are you?",
                _ -> {
                  throw new IllegalStateException("full");
                },
                NEVER));
    assertEquals(before, transcript(conversation));
    assertEquals("Good day!", first);
    assertEquals("Well.", say(conversation, "How are you?"));
  }

  @Test
  void callsFromTheConsumerOfItsOwnAnswerAreRefused() {
    Conversation conversation = conversation(answering(" Good day!"));
    StringBuilder answer = new StringBuilder();
    String said = "the conversation is in use by this very thread";
    conversation.say(
        "Hello",
        piece -> {
          refused(said, () -> say(conversation, "And?"));
          refused(said, conversation::undo);
          refused(said, conversation::reset);
          refused(said, conversation::snapshot);
          refused(said, conversation::close);
          answer.append(piece);
        },
        NEVER);
    assertEquals("Good day!", answer.toString());
  }

  @Test
  void aClosedOneRefusesAllAndClosingAgainDoesNothing() {
    FakeEngine engine = answering(" Good day!");
    Conversation conversation = conversation(engine);
    say(conversation, "Hello");
    conversation.close();
    conversation.close();
    assertEquals(0, engine.openStates());
    refused("the conversation is closed", () -> say(conversation, "Hello"));
    refused("the conversation is closed", conversation::reset);
    refused("the conversation is closed", conversation::undo);
    refused("the conversation is closed", conversation::snapshot);
    assertEquals(0, engine.openStates());
  }
}
