package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.nio.ByteOrder;
import java.nio.file.Path;
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

  private final PickleInput in;
  private final List<Pickled> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Integer, Pickled> memo = new HashMap<>();

  private Unpickler(Path path, byte[] pickle) {
    this.in = new PickleInput(path, pickle);
  }

  /**
   * Reads a pickle.
   *
   * @param path the file, for messages
   * @param pickle the pickle
   * @throws MalformedFileException if it is damaged, or asks for more than tensors
   */
  static Pickled read(Path path, byte[] pickle) throws MalformedFileException {
    Unpickler unpickler = new Unpickler(path, pickle);
    for (int operations = 0; operations < MOST_OPERATIONS; operations++) {
      int operation = unpickler.in.operation();
      if (operation == '.') {
        return unpickler.pop();
      }
      unpickler.step(operation);
    }
    throw unpickler.fail("has more than " + MOST_OPERATIONS + " operations");
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
      case 'i' -> throw in.refused(in.line() + "." + in.line());
      case 'Q' -> stack.add(storage(pop()));
      case 'R' -> {
        Pickled arguments = pop();
        stack.add(reduce(pop(), arguments));
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
    stack.add(Pickled.Other.BYTES);
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
      if (!(items.get(i) instanceof Pickled.Scalar(Object key))) {
        throw fail("has a dictionary with keys that are neither strings nor numbers");
      }
      map.put(key, items.get(i + 1));
    }
  }

  private Pickled global(String module, String name) throws MalformedFileException {
    Pickled found = Globals.find(module + "." + name);
    if (found == null) {
      throw in.refused(module + "." + name);
    }
    return found;
  }

  /** A persistent id: {@code ('storage', type, key, location, elements)}. */
  private Pickled storage(Pickled id) throws MalformedFileException {
    if (id instanceof Pickled.Sequence(List<Pickled> items)
        && items.size() == 5
        && items.get(0).equals(new Pickled.Scalar("storage"))
        && items.get(1) instanceof Pickled.StorageType type) {
      return new Pickled.Storage(type, string(items.get(2)), number(items.get(4)));
    }
    throw fail("refers to something other than a storage");
  }

  private Pickled reduce(Pickled function, Pickled arguments) throws MalformedFileException {
    if (!(function instanceof Pickled.Function f)
        || !(arguments instanceof Pickled.Sequence(List<Pickled> items))) {
      throw fail("calls what is not a function");
    }
    switch (f) {
      case ORDERED_DICT -> {
        if (items.isEmpty()) {
          return new Pickled.Dictionary(new LinkedHashMap<>());
        }
      }
      case SIZE -> {
        if (items.size() == 1 && items.get(0) instanceof Pickled.Sequence size) {
          return size;
        }
      }
      case REBUILD_TENSOR_V2, REBUILD_TENSOR_V3 -> {
        Pickled view = view(f, items);
        if (view != null) {
          return view;
        }
      }
      case REBUILD_PARAMETER -> {
        if (!items.isEmpty() && items.get(0) instanceof Pickled.View view) {
          return view;
        }
      }
    }
    throw fail("gives " + f + " arguments that it does not take");
  }

  /**
   * A tensor of {@code (storage, offset, shape, strides, requires_grad, hooks)}, in version 3
   * followed by the type.
   */
  private Pickled view(Pickled.Function function, List<Pickled> items)
      throws MalformedFileException {
    boolean typed = function == Pickled.Function.REBUILD_TENSOR_V3;
    if (items.size() < (typed ? 7 : 6)
        || !(items.get(0) instanceof Pickled.Storage storage)
        || !(items.get(2) instanceof Pickled.Sequence(List<Pickled> shape))
        || !(items.get(3) instanceof Pickled.Sequence(List<Pickled> strides))) {
      return null;
    }
    if (shape.size() > 64 || shape.size() != strides.size()) {
      throw fail(
          "has a tensor of %d dimensions and %d strides".formatted(shape.size(), strides.size()));
    }
    var dtype = storage.type().dtype();
    if (typed && items.get(6) instanceof Pickled.ElementType type) {
      dtype = type.dtype();
    }
    if (dtype == null) {
      return null;
    }
    return new Pickled.View(storage, dtype, number(items.get(1)), numbers(shape), numbers(strides));
  }

  private List<Long> numbers(List<Pickled> items) throws MalformedFileException {
    List<Long> out = new ArrayList<>(items.size());
    for (Pickled item : items) {
      out.add(number(item));
    }
    return out;
  }

  /** Dictionaries carry attributes ({@code _metadata}), which are of no use here. */
  private void build() throws MalformedFileException {
    pop();
    if (!(top() instanceof Pickled.Dictionary)) {
      throw fail("sets attributes of what is not a dictionary");
    }
  }

  private long number(Pickled value) throws MalformedFileException {
    if (value instanceof Pickled.Scalar(Long number)) {
      return number;
    }
    throw fail("has something else where an integer belongs");
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
