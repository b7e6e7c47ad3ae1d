package aviary.torch;

import aviary.safetensors.DType;
import aviary.safetensors.MalformedFileException;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes tensors of views. A view whose elements lie one after the other is used where it is mapped;
 * any other, such as a transposed matrix, is copied once.
 */
final class StorageViews {

  /** Views may share a storage, but a file that asks for many times its own size is hostile. */
  private static final int MOST_COPIES = 4;

  private final Path path;
  private final StorageData storages;
  private final Arena arena;
  private final Map<Pickled.View, MemorySegment> copies = new HashMap<>();
  private long bytesToCopy;

  /**
   * @param path the file, for messages
   * @param storages where the bytes are
   * @param fileBytes the file's length
   * @param arena where copies go
   */
  StorageViews(Path path, StorageData storages, long fileBytes, Arena arena) {
    this.path = path;
    this.storages = storages;
    this.arena = arena;
    this.bytesToCopy = MOST_COPIES * fileBytes;
  }

  /**
   * Makes a tensor, after checking that all of it lies in its storage.
   *
   * @throws MalformedFileException if it does not
   * @throws IOException if it must be copied and there is no memory for that
   */
  Tensor tensor(String name, Pickled.View view) throws IOException {
    MemorySegment storage = part(name, view.storage());
    long[] shape = view.shape().stream().mapToLong(Long::longValue).toArray();
    long[] strides = view.strides().stream().mapToLong(Long::longValue).toArray();
    long elements = checkBounds(name, view, shape, strides, storage.byteSize());
    long width = view.dtype().bytes();
    MemorySegment data;
    if (elements == 0) {
      data = storage.asSlice(0, 0);
    } else if (isContiguous(shape, strides)) {
      data = storage.asSlice(view.offset() * width, elements * width);
    } else if (copies.containsKey(view)) {
      data = copies.get(view);
    } else {
      if (elements > storage.byteSize() / width) {
        throw fail(
            name, "it repeats elements of its storage: save a copy of it (tensor.contiguous())");
      }
      data = allocate(name, elements * width);
      gather(storage, view.offset(), shape, strides, view.dtype(), data);
      copies.put(view, data);
    }
    return new Tensor(name, view.dtype(), shape, data);
  }

  /** The bytes of a storage, or of the part of it that is meant. */
  private MemorySegment part(String name, Pickled.Storage storage) throws MalformedFileException {
    MemorySegment whole = storages.whole(name, storage);
    long first = storage.first();
    if (first < 0 || storage.count() < 0 || first > storage.elements() - storage.count()) {
      throw fail(
          name,
          "its %d elements from element %d are not inside their storage of %d elements"
              .formatted(storage.count(), first, storage.elements()));
    }
    long width = storage.type().width();
    return whole.asSlice(first * width, storage.count() * width);
  }

  /** Checks that all elements lie in the storage, and returns how many there are. */
  private long checkBounds(
      String name, Pickled.View view, long[] shape, long[] strides, long storageBytes)
      throws MalformedFileException {
    long room = storageBytes / view.dtype().bytes();
    try {
      long elements = 1;
      long last = view.offset();
      boolean negative = view.offset() < 0;
      for (int i = 0; i < shape.length; i++) {
        negative |= shape[i] < 0 || strides[i] < 0;
        elements = Math.multiplyExact(elements, shape[i]);
        last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
      }
      // An empty view reads nothing, so it may start anywhere.
      if (!negative && (elements == 0 || last < room)) {
        return elements;
      }
    } catch (ArithmeticException e) {
      // Beyond 2^63, so certainly outside: told below.
    }
    throw fail(
        name,
        "%s%s with strides %s from element %d does not lie inside its storage of %d elements"
            .formatted(view.dtype(), view.shape(), view.strides(), view.offset(), room));
  }

  private static boolean isContiguous(long[] shape, long[] strides) {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }

  private MemorySegment allocate(String name, long bytes) throws IOException {
    bytesToCopy -= bytes;
    if (bytesToCopy < 0) {
      throw fail(name, "the tensors before it are views of the same data too often");
    }
    try {
      return arena.allocate(bytes, 64);
    } catch (OutOfMemoryError e) {
      throw new IOException(
          "%s: tensor %s is not contiguous, and there is no memory for its copy of %d bytes: "
                  .formatted(path, name, bytes)
              + "raise -XX:MaxDirectMemorySize, or save it after tensor.contiguous()",
          e);
    }
  }

  /** Copies the elements of a view in row-major order. */
  private static void gather(
      MemorySegment from,
      long offset,
      long[] shape,
      long[] strides,
      DType dtype,
      MemorySegment to) {
    int inner = shape.length - 1;
    long[] index = new long[shape.length];
    long start = offset;
    for (long at = 0; at < to.byteSize(); at += shape[inner] * dtype.bytes()) {
      gatherRow(from, start, strides[inner], dtype.bytes(), to, at, shape[inner]);
      for (int i = inner - 1; i >= 0; i--) {
        start += strides[i];
        if (++index[i] < shape[i]) {
          break;
        }
        start -= shape[i] * strides[i];
        index[i] = 0;
      }
    }
  }

  private static void gatherRow(
      MemorySegment from,
      long start,
      long stride,
      int width,
      MemorySegment to,
      long at,
      long count) {
    // Bytes are moved as they are, so the byte order plays no part.
    for (long i = 0; i < count; i++) {
      long source = (start + i * stride) * width;
      long target = at + i * width;
      switch (width) {
        case 1 -> to.set(ValueLayout.JAVA_BYTE, target, from.get(ValueLayout.JAVA_BYTE, source));
        case 2 ->
            to.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                target,
                from.get(ValueLayout.JAVA_SHORT_UNALIGNED, source));
        case 4 ->
            to.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                target,
                from.get(ValueLayout.JAVA_INT_UNALIGNED, source));
        default ->
            to.set(
                ValueLayout.JAVA_LONG_UNALIGNED,
                target,
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, source));
      }
    }
  }

  private MalformedFileException fail(String name, String problem) {
    return new MalformedFileException(path, "tensor " + name + ": " + problem);
  }
}
