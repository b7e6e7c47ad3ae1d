package aviary.safetensors;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** Random damage to files, and what must come of it. */
public final class Mutations {
  private Mutations() {}

  /** Opens a file. */
  @FunctionalInterface
  public interface Opener {
    Map<String, Tensor> open(Path path, Arena arena) throws IOException;
  }

  /**
   * Damages a file again and again: each time it must open, with tensors that can be read to the
   * end, or be refused by an IOException of one line.
   *
   * @param original the bytes of a good file
   * @param hot the places, from 0 up to this, that half of the damage goes to
   * @return how many of the damaged files were refused
   */
  public static int run(byte[] original, int hot, int rounds, Path folder, Opener opener)
      throws IOException {
    long seed = new Random().nextLong();
    System.out.println("Mutations seed " + seed);
    Random random = new Random(seed);
    Path path = folder.resolve("damaged");
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = original.clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        damaged = mutate(damaged, hot, random);
      }
      Files.write(path, damaged);
      try (Arena arena = Arena.ofConfined()) {
        opener.open(path, arena).values().forEach(Mutations::readAll);
      } catch (IOException e) {
        refused++;
        String message = e.getMessage();
        assertTrue(message.startsWith(path + ": ") && message.lines().count() == 1, message);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    return refused;
  }

  private static void readAll(Tensor tensor) {
    long sum = 0;
    for (long i = 0; i < tensor.data().byteSize(); i++) {
      sum += tensor.data().get(ValueLayout.JAVA_BYTE, i);
    }
    assertTrue(Math.abs(sum) <= 128 * tensor.data().byteSize());
  }

  private static byte[] mutate(byte[] bytes, int hot, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int bound = random.nextBoolean() ? Math.min(hot, bytes.length) : bytes.length;
    int at = random.nextInt(bound);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 200));
    byte[] out = bytes.clone();
    switch (random.nextInt(7)) {
      case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> out[at] = (byte) random.nextInt(256);
      case 2 -> out[at] = (byte) "0123456789-[]{}\",:.eE".charAt(random.nextInt(21));
      case 3 -> Arrays.fill(out, at, at + length, (byte) (random.nextBoolean() ? 0xff : 0));
      case 4 -> out = Arrays.copyOf(bytes, at);
      case 5 -> out = splice(bytes, at, new byte[0], length);
      default -> {
        int from = random.nextInt(bytes.length - length + 1);
        out = splice(bytes, at, Arrays.copyOfRange(bytes, from, from + length), 0);
      }
    }
    return out;
  }

  /** Puts something in the place of some bytes. */
  private static byte[] splice(byte[] bytes, int at, byte[] put, int cut) {
    byte[] out = Arrays.copyOf(bytes, bytes.length + put.length - cut);
    System.arraycopy(put, 0, out, at, put.length);
    System.arraycopy(bytes, at + cut, out, at + put.length, bytes.length - at - cut);
    return out;
  }
}
