package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickles that {@code torch.save} writes, and only those: dictionaries, lists, numbers,
 * strings and tensors. A global that is none of {@link Globals} is refused by name; nothing is ever
 * imported, called or run. The number of operations is bounded, each takes constant time (or takes
 * away what others put there), and none recurses, so that no pickle can hang or exhaust a program.
 * The format: CPython's {@code Lib/pickletools.py}, protocols 2 to 5.
 */
final class Unpickler {

  /** Longest pickle in bytes; that of a 7B model has under one megabyte. */
  static final int LONGEST = 32 << 20;

  /** A tensor takes about 40 operations. */
  private static final int MOST_OPERATIONS = 2_000_000;

  /**
   * What a pickle holds.
   *
   * @param root its value
   * @param storages the storages that it refers to by their keys, each as it came first
   */
  record Result(Pickled root, Map<String, Pickled.Storage> storages) {}

  private final PickleInput in;
  private final Calls calls;
  private final Map<String, Pickled.Storage> storages = new HashMap<>();
  private final List<Pickled> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Integer, Pickled> memo = new HashMap<>();

  private Unpickler(PickleInput in) {
    this.in = in;
    this.calls = new Calls(in);
  }

  /**
   * Reads a pickle.
   *
   * @param in stands at its first byte; afterwards after its last
   * @throws MalformedFileException if it is damaged, or asks for more than tensors
   */
  static Result read(PickleInput in) throws MalformedFileException {
    Unpickler unpickler = new Unpickler(in);
    for (int operations = 0; operations < MOST_OPERATIONS; operations++) {
      int operation = in.operation();
      if (operation == '.') {
        return new Result(unpickler.pop(), unpickler.storages);
      }
      unpickler.step(operation);
    }
    throw in.fail("has more than " + MOST_OPERATIONS + " operations");
  }

  private void step(int operation) throws MalformedFileException {
    switch (operation) {
      case 0x80 -> protocol();
      case 0x95 -> in.take(8); // FRAME: where the writer's buffers ended
      case '(' -> marks.push(stack.size());
      case '0' -> pop();
      case '1' -> popToMark();
      case '2' -> stack.add(top());
      case 'q' -> memo.put(in.uint8(), top());
      case 'r' -> memo.put(in.int32(), top());
      case 0x94 -> memo.put(memo.size(), top());
      case 'h' -> recall(in.uint8());
      case 'j' -> recall(in.int32());
      case 'N' -> stack.add(Pickled.None.NONE);
      case 0x88 -> stack.add(new Pickled.Scalar(true));
      case 0x89 -> stack.add(new Pickled.Scalar(false));
      case 'J' -> stack.add(new Pickled.Scalar((long) in.int32()));
      case 'K' -> stack.add(new Pickled.Scalar((long) in.uint8()));
      case 'M' -> stack.add(new Pickled.Scalar((long) Short.toUnsignedInt(in.take(2).getShort())));
      case 0x8a -> stack.add(in.integer(in.uint8()));
      case 0x8b -> stack.add(in.integer(in.int32()));
      case 'G' -> stack.add(new Pickled.Scalar(in.take(8).order(ByteOrder.BIG_ENDIAN).getDouble()));
      case 0x8c -> stack.add(new Pickled.Scalar(in.text(in.uint8())));
      case 'X' -> stack.add(new Pickled.Scalar(in.text(in.int32())));
      case 0x8d -> stack.add(new Pickled.Scalar(in.text(in.take(8).getLong())));
      case 'U' -> stack.add(in.string(in.uint8()));
      case 'T' -> stack.add(in.string(in.int32()));
      case 'C' -> bytes(in.uint8());
      case 'B' -> bytes(in.int32());
      case 0x8e, 0x96 -> bytes(in.take(8).getLong());
      default -> stepComposite(operation);
    }
  }

  private void stepComposite(int operation) throws MalformedFileException {
    switch (operation) {
      case ']' -> stack.add(new Pickled.Sequence(new ArrayList<>()));
      case 'a' -> {
        Pickled item = pop();
        list().add(item);
      }
      case 'e' -> {
        List<Pickled> items = popToMark();
        list().addAll(items);
      }
      case 'l' -> stack.add(new Pickled.Sequence(new ArrayList<>(popToMark())));
      case 0x8f -> stack.add(Pickled.Other.VALUE); // a set
      case 0x90 -> {
        popToMark();
        top();
      }
      case 0x91 -> {
        popToMark();
        stack.add(Pickled.Other.VALUE);
      }
      case ')' -> stack.add(new Pickled.Sequence(List.of()));
      case 't' -> stack.add(new Pickled.Sequence(List.copyOf(popToMark())));
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case '}' -> stack.add(new Pickled.Dictionary(new LinkedHashMap<>()));
      case 'd' -> {
        List<Pickled> items = popToMark();
        stack.add(new Pickled.Dictionary(new LinkedHashMap<>()));
        putAll(items);
      }
      case 's' -> {
        Pickled value = pop();
        Pickled key = pop();
        putAll(List.of(key, value));
      }
      case 'u' -> putAll(popToMark());
      case 'c' -> stack.add(global(in.line(), in.line()));
      case 0x93 -> {
        String name = string(pop());
        stack.add(global(string(pop()), name));
      }
      case 'i' -> throw in.refused(Globals.name(in.line(), in.line()));
      case 'Q' -> storage();
      case 'R', 0x81 -> {
        Pickled arguments = pop();
        stack.add(calls.call(pop(), arguments));
      }
      case 'b' -> build();
      default ->
          throw fail(
              "has operation 0x%02x, which files of tensors do not need".formatted(operation));
    }
  }

  private void protocol() throws MalformedFileException {
    int version = in.uint8();
    if (version < 2 || version > 5) {
      throw fail("has protocol " + version + ", wanted 2 to 5");
    }
  }

  private void recall(int key) throws MalformedFileException {
    Pickled value = memo.get(key);
    if (value == null) {
      throw fail("recalls what it never remembered");
    }
    stack.add(value);
  }

  private void bytes(long length) throws MalformedFileException {
    in.take(length);
    stack.add(Pickled.Other.VALUE);
  }

  private void tuple(int length) throws MalformedFileException {
    Pickled[] items = new Pickled[length];
    for (int i = length - 1; i >= 0; i--) {
      items[i] = pop();
    }
    stack.add(new Pickled.Sequence(List.of(items)));
  }

  private List<Pickled> list() throws MalformedFileException {
    if (top() instanceof Pickled.Sequence(ArrayList<Pickled> items)) {
      return items;
    }
    throw fail("adds items to what is not a list");
  }

  /** Puts keys and values, which take turns, into the dictionary on the stack. */
  private void putAll(List<Pickled> items) throws MalformedFileException {
    if (!(top() instanceof Pickled.Dictionary(Map<Object, Pickled> map))) {
      throw fail("adds items to what is not a dictionary");
    }
    if (items.size() % 2 != 0) {
      throw fail("has a key without a value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      map.put(Calls.key(items.get(i)), items.get(i + 1));
    }
  }

  private Pickled global(String module, String name) throws MalformedFileException {
    String full = Globals.name(module, name);
    Pickled found = Globals.find(full);
    if (found == null) {
      throw in.refused(full);
    }
    return found;
  }

  private void storage() throws MalformedFileException {
    Pickled.Storage storage = calls.storage(pop());
    storages.putIfAbsent(storage.key(), storage);
    stack.add(storage);
  }

  /** Dictionaries carry attributes ({@code _metadata}), which are of no use here. */
  private void build() throws MalformedFileException {
    pop();
    if (!(top() instanceof Pickled.Dictionary || top() instanceof Pickled.Unusable)) {
      throw fail("sets attributes of what is not a dictionary");
    }
  }

  private String string(Pickled value) throws MalformedFileException {
    if (value instanceof Pickled.Scalar(String text)) {
      return text;
    }
    throw fail("has something else where a string belongs");
  }

  private Pickled top() throws MalformedFileException {
    if (stack.size() == floor()) {
      throw fail("takes more than it has put");
    }
    return stack.getLast();
  }

  private Pickled pop() throws MalformedFileException {
    Pickled value = top();
    stack.removeLast();
    return value;
  }

  private List<Pickled> popToMark() throws MalformedFileException {
    if (marks.isEmpty()) {
      throw fail("takes more than it has put");
    }
    List<Pickled> above = stack.subList(marks.pop(), stack.size());
    List<Pickled> items = new ArrayList<>(above);
    above.clear();
    return items;
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  private MalformedFileException fail(String problem) {
    return in.fail(problem);
  }
}
