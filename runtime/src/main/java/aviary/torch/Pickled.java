package aviary.torch;

import aviary.safetensors.DType;
import java.util.List;
import java.util.Map;

/** What a pickle of tensors is made of. Nothing else can come out of the {@link Unpickler}. */
sealed interface Pickled {

  /** {@code None}. */
  enum None implements Pickled {
    NONE
  }

  /** A string, an integer of 64 bits, a float or a truth value: {@code value} is Java's of it. */
  record Scalar(Object value) implements Pickled {}

  /** What has no use here: bytes, larger integers, sets, complex numbers, layouts. */
  enum Other implements Pickled {
    VALUE
  }

  /** A list or a tuple. A tuple's items never change. */
  record Sequence(List<Pickled> items) implements Pickled {}

  /**
   * A dictionary, ordered.
   *
   * @param items the values by their keys: strings, numbers and truth values, or an object of its
   *     own for a key of another kind
   */
  record Dictionary(Map<Object, Pickled> items) implements Pickled {}

  /**
   * A class of {@code torch.*Storage}.
   *
   * @param name its name
   * @param dtype what it is made of; null for bytes that a tensor gives their type, and for types
   *     that no safetensors file can have
   * @param width the bytes of an element
   */
  record StorageType(String name, DType dtype, int width) implements Pickled {}

  /**
   * A {@code torch.dtype}.
   *
   * @param name its name
   * @param dtype the same; null for types that no safetensors file can have
   */
  record ElementType(String name, DType dtype) implements Pickled {}

  /** The functions and classes that values are made with. None of them is ever run. */
  enum Function implements Pickled {
    DICTIONARY,
    SIZE,
    DEVICE,
    /** Makes what has no use here. */
    VALUE,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3,
    REBUILD_PARAMETER,
    REBUILD_FROM_TYPE,
    REBUILD_FROM_CPU,
    /** A tensor's class, which nothing but PyTorch before 0.4 called. */
    TENSOR,
    SPARSE_TENSOR,
    QUANTIZED_TENSOR,
    META_TENSOR,
    NESTED_TENSOR,
    SUBCLASS_TENSOR,
    NUMPY_TENSOR
  }

  /**
   * A storage, or a part of one.
   *
   * @param type what it is made of
   * @param key its name in the file
   * @param elements how many the whole storage has
   * @param first the part's first element; 0 for the whole
   * @param count how many elements the part has
   */
  record Storage(StorageType type, String key, long elements, long first, long count)
      implements Pickled {}

  /**
   * A tensor: a view of a storage, as the pickle describes it; nothing of it is checked yet.
   *
   * @param storage what it is a view of
   * @param dtype its type
   * @param offset the first element, counted in elements of the storage
   * @param shape its dimensions
   * @param strides how many elements apart two neighbours along each dimension are
   */
  record View(Storage storage, DType dtype, long offset, List<Long> shape, List<Long> strides)
      implements Pickled {}

  /**
   * A tensor that cannot be used here. That matters only where a model needs it.
   *
   * @param what what it is: {@code a sparse tensor}
   */
  record Unusable(String what) implements Pickled {}
}
