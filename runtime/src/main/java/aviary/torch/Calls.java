package aviary.torch;

import aviary.safetensors.DType;
import aviary.safetensors.MalformedFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the functions that a pickle names would return. None of them is run: each is read as a
 * description of a value. The functions: {@code torch/_utils.py}.
 */
final class Calls {

  /** Dictionaries made of lists are the only values that are copied. */
  private static final long MOST_COPIED = 2_000_000;

  private static final int MOST_DIMENSIONS = 64;

  private final PickleInput in;
  private long copied;

  /**
   * @param in the pickle, for messages
   */
  Calls(PickleInput in) {
    this.in = in;
  }

  /**
   * The value of a call.
   *
   * @throws MalformedFileException if the function does not take such arguments
   */
  Pickled call(Pickled function, Pickled arguments) throws MalformedFileException {
    if (!(function instanceof Pickled.Function f)
        || !(arguments instanceof Pickled.Sequence(List<Pickled> items))) {
      throw in.fail("calls what is not a function");
    }
    Pickled value = call(f, items);
    if (value == null) {
      throw in.fail("calls " + f + " with wrong arguments");
    }
    return value;
  }

  private Pickled call(Pickled.Function function, List<Pickled> items)
      throws MalformedFileException {
    return switch (function) {
      case DICTIONARY -> dictionary(items);
      case SIZE -> items.size() == 1 && items.get(0) instanceof Pickled.Sequence s ? s : null;
      case DEVICE -> device(items);
      case VALUE -> Pickled.Other.VALUE;
      case REBUILD_TENSOR -> view(items, 4);
      case REBUILD_TENSOR_V2 -> view(items, 6);
      case REBUILD_TENSOR_V3 -> typedView(items);
      case REBUILD_PARAMETER -> items.isEmpty() ? null : tensor(items.getFirst());
      case REBUILD_FROM_TYPE -> fromType(items);
      case REBUILD_FROM_CPU -> fromCpu(items);
      case TENSOR -> new Pickled.Unusable("a tensor of PyTorch before 0.4");
      case SPARSE_TENSOR -> new Pickled.Unusable("a sparse tensor");
      case QUANTIZED_TENSOR -> new Pickled.Unusable("a quantized tensor");
      case META_TENSOR -> new Pickled.Unusable("a tensor without data (meta)");
      case NESTED_TENSOR -> new Pickled.Unusable("a nested tensor");
      case SUBCLASS_TENSOR -> new Pickled.Unusable("a tensor of a class of its own");
      case NUMPY_TENSOR -> new Pickled.Unusable("a tensor kept as an array of numpy");
    };
  }

  private Pickled dictionary(List<Pickled> items) throws MalformedFileException {
    if (items.isEmpty()) {
      return new Pickled.Dictionary(new LinkedHashMap<>());
    }
    if (items.size() == 1 && items.getFirst() instanceof Pickled.Dictionary counts) {
      return counts;
    }
    if (items.size() != 1 || !(items.getFirst() instanceof Pickled.Sequence(List<Pickled> pairs))) {
      return null;
    }
    copied += pairs.size();
    if (copied > MOST_COPIED) {
      throw in.fail("copies lists of more than " + MOST_COPIED + " items");
    }
    Map<Object, Pickled> map = new LinkedHashMap<>();
    for (Pickled pair : pairs) {
      if (!(pair instanceof Pickled.Sequence(List<Pickled> two)) || two.size() != 2) {
        return null;
      }
      map.put(key(two.get(0)), two.get(1));
    }
    return new Pickled.Dictionary(map);
  }

  /** What a value is as a key. Values of other kinds are not compared, which might never end. */
  static Object key(Pickled value) {
    return value instanceof Pickled.Scalar(Object plain) ? plain : new Object();
  }

  /** {@code torch.device('cuda', 0)} or {@code torch.device('cuda:0')}. */
  private static Pickled device(List<Pickled> items) {
    if (items.isEmpty() || !(items.get(0) instanceof Pickled.Scalar(Object name))) {
      return null;
    }
    return items.size() > 1 && items.get(1) instanceof Pickled.Scalar(Object index)
        ? new Pickled.Scalar(name + ":" + index)
        : new Pickled.Scalar(name.toString());
  }

  private static Pickled tensor(Pickled value) {
    return value instanceof Pickled.View || value instanceof Pickled.Unusable ? value : null;
  }

  /** {@code (function, type, arguments, state)}: what the function makes, as another class. */
  private Pickled fromType(List<Pickled> items) throws MalformedFileException {
    return items.size() == 4
            && items.get(0) instanceof Pickled.Function f
            && f != Pickled.Function.REBUILD_FROM_TYPE
            && items.get(2) instanceof Pickled.Sequence(List<Pickled> arguments)
        ? call(f, arguments)
        : null;
  }

  /** {@code (tensor, type, device, requires_grad)}. */
  private static Pickled fromCpu(List<Pickled> items) {
    if (items.size() < 2 || !(items.get(1) instanceof Pickled.ElementType type)) {
      return null;
    }
    return items.get(0) instanceof Pickled.View view && view.dtype() != type.dtype()
        ? new Pickled.Unusable("a tensor kept in another type than its own")
        : tensor(items.get(0));
  }

  /** {@code (storage, offset, shape, strides ...)}, of the storage's type. */
  private Pickled view(List<Pickled> items, int least) throws MalformedFileException {
    if (items.size() < least || !(items.getFirst() instanceof Pickled.Storage storage)) {
      return null;
    }
    Pickled.StorageType type = storage.type();
    return view(items, type.dtype(), type.name());
  }

  /** {@code (storage, offset, shape, strides, requires_grad, hooks, type ...)}. */
  private Pickled typedView(List<Pickled> items) throws MalformedFileException {
    return items.size() >= 7
            && items.get(6) instanceof Pickled.ElementType(String name, DType dtype)
        ? view(items, dtype, name)
        : null;
  }

  private Pickled view(List<Pickled> items, DType dtype, String type)
      throws MalformedFileException {
    if (!(items.get(0) instanceof Pickled.Storage storage)
        || !(items.get(2) instanceof Pickled.Sequence(List<Pickled> shape))
        || !(items.get(3) instanceof Pickled.Sequence(List<Pickled> strides))) {
      return null;
    }
    if (shape.size() > MOST_DIMENSIONS || shape.size() != strides.size()) {
      throw in.fail(
          "has a tensor of %d dimensions and %d strides".formatted(shape.size(), strides.size()));
    }
    return dtype == null
        ? new Pickled.Unusable("a tensor of " + type)
        : new Pickled.View(storage, dtype, number(items.get(1)), numbers(shape), numbers(strides));
  }

  private List<Long> numbers(List<Pickled> items) throws MalformedFileException {
    List<Long> out = new ArrayList<>(items.size());
    for (Pickled item : items) {
      out.add(number(item));
    }
    return out;
  }

  /**
   * A persistent id: {@code ('storage', type, key, location, elements)}, which before PyTorch 1.6 a
   * part of the storage followed: {@code None}, or {@code (key, first, count)}.
   */
  Pickled.Storage storage(Pickled id) throws MalformedFileException {
    if (!(id instanceof Pickled.Sequence(List<Pickled> items))
        || items.size() < 5
        || items.size() > 6
        || !items.get(0).equals(new Pickled.Scalar("storage"))
        || !(items.get(1) instanceof Pickled.StorageType type)
        || !(items.get(2) instanceof Pickled.Scalar(Object key))) {
      throw in.fail("refers to something other than a storage");
    }
    long elements = number(items.get(4));
    if (items.size() == 6
        && items.get(5) instanceof Pickled.Sequence(List<Pickled> part)
        && part.size() == 3) {
      long first = number(part.get(1));
      long count = number(part.get(2));
      return new Pickled.Storage(type, key.toString(), elements, first, count);
    }
    if (items.size() == 6 && items.get(5) != Pickled.None.NONE) {
      throw in.fail("refers to something other than a storage");
    }
    return new Pickled.Storage(type, key.toString(), elements, 0, elements);
  }

  private long number(Pickled value) throws MalformedFileException {
    if (value instanceof Pickled.Scalar(Long number)) {
      return number;
    }
    throw in.fail("has something else where an integer belongs");
  }
}
