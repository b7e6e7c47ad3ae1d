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

  /** What has no use here: bytes, larger integers. */
  enum Other implements Pickled {
    BYTES,
    LARGE_INTEGER
  }

  /** A list or a tuple. A tuple's items never change. */
  record Sequence(List<Pickled> items) implements Pickled {}

  /** A dictionary, ordered; its keys are strings, numbers and truth values. */
  record Dictionary(Map<Object, Pickled> items) implements Pickled {}

  /**
   * A class of {@code torch.*Storage}.
   *
   * @param dtype what it is made of; null for bytes that a tensor gives their type
   */
  record StorageType(DType dtype) implements Pickled {}

  /** A {@code torch.dtype}. */
  record ElementType(DType dtype) implements Pickled {}

  /** The functions that tensors and dictionaries are made with. None of them is ever run. */
  enum Function implements Pickled {
    ORDERED_DICT,
    SIZE,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3,
    REBUILD_PARAMETER
  }

  /**
   * A storage: a file of the archive.
   *
   * @param type what it is made of
   * @param key the name of the file in the folder {@code data}
   * @param elements how many it has
   */
  record Storage(StorageType type, String key, long elements) implements Pickled {}

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
}
