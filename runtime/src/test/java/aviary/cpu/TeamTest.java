package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a member is lost, the others wait for ever: hence the time limit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamTest {

  /** The last has more members than this machine has cores. */
  static int[] sizes() {
    return new int[] {1, 2, 3, Runtime.getRuntime().availableProcessors() + 3};
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void everyMemberRunsAJobOnce(int size) {
    try (Team team = new Team(size)) {
      assertEquals(size, team.size());
      for (int job = 0; job < 1000; job++) {
        assertRunsOnce(team);
      }
    }
  }

  private static void assertRunsOnce(Team team) {
    int[] times = new int[team.size()];
    team.run((member, _) -> times[member]++);
    int[] once = new int[team.size()];
    Arrays.fill(once, 1);
    assertArrayEquals(once, times);
  }

  /**
   * Members that wait for a job give their cores to those that have one: if each used up its time
   * of some milliseconds, so many jobs would take longer than the time limit.
   */
  @Test
  void moreMembersThanCoresDoNotHoldEachOtherUp() {
    int[] times = new int[Runtime.getRuntime().availableProcessors() + 3];
    try (Team team = new Team(times.length)) {
      for (int job = 0; job < 10_000; job++) {
        team.run((member, _) -> times[member]++);
      }
    }
    for (int count : times) {
      assertEquals(10_000, count);
    }
  }

  /** After a pause that is long enough for the members to fall asleep. */
  @Test
  void aSleepingTeamWakes() throws InterruptedException {
    try (Team team = new Team(3)) {
      for (int job = 0; job < 5; job++) {
        assertRunsOnce(team);
        Thread.sleep(10);
      }
    }
  }

  @Test
  void theCallerIsTheFirstMember() {
    Thread caller = Thread.currentThread();
    Thread[] threads = new Thread[3];
    try (Team team = new Team(3)) {
      team.run((member, _) -> threads[member] = Thread.currentThread());
    }
    assertSame(caller, threads[0]);
    assertEquals(3, Arrays.stream(threads).distinct().count());
  }

  /** Without waiting, one would soon read what another has not written, or has written anew. */
  @ParameterizedTest
  @MethodSource("sizes")
  void noMemberPassesABarrierBeforeAllAreThere(int size) {
    int rounds = 5000;
    int[] written = new int[size];
    int[] wrong = new int[size];
    try (Team team = new Team(size)) {
      team.run((member, run) -> {
        for (int round = 1; round <= rounds; round++) {
          written[member] = round;
          run.barrier();
          for (int number : written) {
            wrong[member] += number == round ? 0 : 1;
          }
          run.barrier();
        }
      });
    }
    assertArrayEquals(new int[size], wrong, "numbers read too early or too late, by member");
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void aFailureInAnyMemberReachesTheCaller(int size) {
    try (Team team = new Team(size)) {
      for (int failing = 0; failing < size; failing++) {
        RuntimeException exception = new RuntimeException("of member " + failing);
        assertSame(exception, failureOf(team, failing, exception, null));
        assertRunsOnce(team);
        Error error = new StackOverflowError("of member " + failing);
        assertSame(error, failureOf(team, failing, null, error));
        assertRunsOnce(team);
      }
    }
  }

  /** What the caller gets where one member fails behind a barrier and before another. */
  private static Throwable failureOf(
      Team team, int failing, RuntimeException exception, Error error) {
    return assertThrows(
        Throwable.class,
        () ->
            team.run((member, run) -> {
              run.barrier();
              if (member == failing && error != null) {
                throw error;
              }
              if (member == failing) {
                throw exception;
              }
              run.barrier();
              run.barrier();
            }));
  }

  /** Nobody works on after the caller has its exception. */
  @Test
  void aFailureReachesTheCallerWhenAllMembersHaveStopped() {
    boolean[] done = new boolean[1];
    try (Team team = new Team(2)) {
      assertThrows(
          IllegalStateException.class,
          () ->
              team.run((member, _) -> {
                if (member == 0) {
                  throw new IllegalStateException("at once");
                }
                try {
                  Thread.sleep(50);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                done[0] = true;
              }));
    }
    assertTrue(done[0]);
  }

  @Test
  void closingEndsTheThreads() throws InterruptedException {
    Thread[] threads = new Thread[4];
    try (Team team = new Team(4)) {
      team.run((member, _) -> threads[member] = Thread.currentThread());
      Thread.sleep(10); // Some of them may sleep by now.
    }
    for (int member = 1; member < 4; member++) {
      threads[member].join(Duration.ofSeconds(10));
      assertFalse(threads[member].isAlive(), "member " + member + " still runs");
    }
  }

  @Test
  void aClosedTeamRefusesJobs() {
    for (int size = 1; size <= 3; size++) {
      Team team = new Team(size);
      team.close();
      AtomicBoolean ran = new AtomicBoolean();
      assertThrows(IllegalStateException.class, () -> team.run((_, _) -> ran.set(true)));
      assertFalse(ran.get());
    }
  }

  private static void refused(String words, Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  /** Both would wait for ever for threads that have another job. */
  @ParameterizedTest
  @MethodSource("sizes")
  void aSecondJobWhileOneRunsIsRefused(int size) {
    Team team = new Team(size);
    team.run((member, _) -> {
      if (member == 0) {
        refused("in use by this very thread", () -> team.run((_, _) -> {}));
        refused("in use by this very thread", team::close);
        CompletableFuture.runAsync(() -> refused("in use by thread ", () -> team.run((_, _) -> {})))
            .join();
      }
    });
    assertRunsOnce(team);
    team.close();
    refused("is closed", () -> team.run((_, _) -> {}));
  }
}
