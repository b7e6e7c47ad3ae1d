package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What PyTorch wrote before 1.6: a stream of pickles, which are a magic number, the format's
 * version, what the machine was like, the value, and the keys of the storages; then each storage,
 * as the number of its elements in 64 bits and the elements. The format: {@code _legacy_save} in
 * {@code torch/serialization.py}.
 */
final class SavedStream implements StorageData {

  private static final long VERSION = 1001;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final MemorySegment file;
  private final Map<String, MemorySegment> storages = new HashMap<>();
  private long at;

  private SavedStream(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  /** Reads the pickles of a file that begins with the magic number, and finds its storages. */
  static Saved open(Path path, MemorySegment file) throws MalformedFileException {
    SavedStream stream = new SavedStream(path, file);
    stream.next(); // the magic number
    if (!stream.next().root().equals(new Pickled.Scalar(VERSION))) {
      throw stream.fail("is in an unknown version of the format before PyTorch 1.6");
    }
    if (!(stream.next().root() instanceof Pickled.Dictionary(Map<Object, Pickled> machine))
        || !new Pickled.Scalar(true).equals(machine.get("little_endian"))) {
      throw stream.fail(
          "holds numbers in big-endian order: on a little-endian machine, " + PthFile.RESAVE);
    }
    Unpickler.Result value = stream.next();
    if (!(stream.next().root() instanceof Pickled.Sequence(List<Pickled> keys))) {
      throw stream.fail("has no list of its storages: download it again");
    }
    for (Pickled key : keys) {
      stream.readStorage(key, value.storages());
    }
    return new Saved(value.root(), stream);
  }

  /** The next pickle. */
  private Unpickler.Result next() throws MalformedFileException {
    long room = Math.min(file.byteSize() - at, Unpickler.LONGEST);
    PickleInput in = new PickleInput(path, file.asSlice(at, room).asByteBuffer());
    Unpickler.Result result = Unpickler.read(in);
    at += in.position();
    return result;
  }

  private void readStorage(Pickled key, Map<String, Pickled.Storage> known)
      throws MalformedFileException {
    Pickled.Storage storage =
        key instanceof Pickled.Scalar(Object name) ? known.get(name.toString()) : null;
    if (storage == null) {
      throw fail("lists a storage that its pickle does not mention: the file is damaged");
    }
    long width = storage.type().width();
    long room = file.byteSize() - at - Long.BYTES;
    long elements = room < 0 ? 0 : file.get(LONG, at);
    if (room < 0 || elements < 0 || elements > room / width) {
      throw fail(
          "storage %s of %d elements of %d bytes is not all there: download it again"
              .formatted(storage.key(), storage.elements(), width));
    }
    if (elements != storage.elements()) {
      throw fail(
          "the pickle says that storage %s has %d elements, but it has %d: the file is damaged"
              .formatted(storage.key(), storage.elements(), elements));
    }
    at += Long.BYTES;
    if (storages.put(storage.key(), file.asSlice(at, elements * width)) != null) {
      throw fail("lists storage " + storage.key() + " twice: the file is damaged");
    }
    at += elements * width;
  }

  @Override
  public MemorySegment whole(String tensor, Pickled.Storage storage) throws MalformedFileException {
    MemorySegment bytes = storages.get(storage.key());
    if (bytes == null) {
      throw fail(
          "tensor %s: its data, storage %s, are not in the file: download it again"
              .formatted(tensor, storage.key()));
    }
    long width = storage.type().width();
    if (bytes.byteSize() % width != 0 || bytes.byteSize() / width != storage.elements()) {
      throw fail(
          "tensor %s: the pickle says that storage %s has %d elements of %d bytes, but it has %d bytes"
              .formatted(tensor, storage.key(), storage.elements(), width, bytes.byteSize()));
    }
    return bytes;
  }

  private MalformedFileException fail(String problem) {
    return new MalformedFileException(path, problem);
  }
}
