package aviary.torch;

import aviary.safetensors.MalformedFileException;
import aviary.safetensors.MappedFile;
import aviary.safetensors.ShardedTensors;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An open file of tensors as {@code torch.save} writes them ({@code .pth}, {@code .pt}, {@code
 * .bin}): a pickle, which describes the tensors, and their storages. Tensors are views of the
 * mapped file; only those whose elements are not contiguous are copied. Nothing in the pickle is
 * ever run.
 *
 * @param path the file
 * @param metadata the strings and numbers that stand beside the tensors, by their keys
 * @param tensors the tensors by name, in the order of the saved dictionary
 * @param unusable the tensors that cannot be had here, such as sparse ones: what they are, by name
 */
public record PthFile(
    Path path,
    Map<String, String> metadata,
    Map<String, Tensor> tensors,
    Map<String, String> unusable) {

  /** The keys under which training programs keep a model's tensors beside other things. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model", "module", "weights");

  /**
   * What the magic number of the format before PyTorch 1.6 is in a pickle: 0x1950a86a20f9469cfc6c.
   */
  private static final String MAGIC_NUMBER = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";

  static final String RESAVE =
      "open it with a current PyTorch and save it again: "
          + "torch.save(torch.load(path, map_location='cpu', weights_only=True), path)";

  /**
   * Opens a file. A dictionary of tensors is taken as it is; one that has such a dictionary under
   * {@code state_dict}, {@code model} or the like, or as its only dictionary of tensors, is entered
   * first.
   *
   * @param path a file of {@code torch.save} in PyTorch 0.1.10 or later, of any length
   * @param arena how long the tensors live; it also decides which threads may read them
   * @throws MalformedFileException if the file is damaged, cut short, asks for more than tensors,
   *     or holds none
   * @throws IOException if the file is missing or cannot be read
   */
  public static PthFile open(Path path, Arena arena) throws IOException {
    MemorySegment file = MappedFile.map(path, arena);
    Saved opened = read(path, file);
    Map<String, String> metadata = new LinkedHashMap<>();
    Pickled.Dictionary saved = stateDict(path, opened.root(), metadata);
    StorageViews views = new StorageViews(path, opened.storages(), file.byteSize(), arena);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> unusable = new LinkedHashMap<>();
    for (var entry : saved.items().entrySet()) {
      if (!isName(entry.getKey())) {
        continue;
      }
      String name = entry.getKey().toString();
      switch (entry.getValue()) {
        case Pickled.View view -> {
          if (tensors.put(name, views.tensor(name, view)) != null) {
            throw new MalformedFileException(path, "holds two tensors that are called " + name);
          }
        }
        case Pickled.Unusable(String what) -> unusable.put(name, what);
        default -> {
          // Numbers and texts are in the metadata; the rest is of no use here.
        }
      }
    }
    return new PthFile(
        path,
        Collections.unmodifiableMap(metadata),
        Collections.unmodifiableMap(tensors),
        Collections.unmodifiableMap(unusable));
  }

  /** Keys of other kinds name no tensor. */
  private static boolean isName(Object key) {
    return key instanceof String || key instanceof Long;
  }

  /**
   * Opens the files that a {@code pytorch_model.bin.index.json} lists.
   *
   * @param index the index; the files lie beside it
   * @param arena how long the tensors live
   * @throws MalformedFileException if the index or a file is damaged or missing
   * @throws IOException if a file cannot be read
   */
  public static ShardedTensors openSharded(Path index, Arena arena) throws IOException {
    return ShardedTensors.open(
        index,
        arena,
        (path, in) -> {
          PthFile file = open(path, in);
          return new ShardedTensors.Shard(file.metadata(), file.tensors());
        });
  }

  private static Saved read(Path path, MemorySegment file) throws MalformedFileException {
    byte[] start = file.asSlice(0, Math.min(file.byteSize(), 262)).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("PK")) {
      SavedZip zip = SavedZip.open(path, file);
      return new Saved(zip.pickle().root(), zip);
    }
    int magic = text.indexOf(MAGIC_NUMBER);
    if (text.startsWith("\u0080") && magic >= 0 && magic < 32) {
      return SavedStream.open(path, file);
    }
    if (text.startsWith("ustar", 257)) {
      throw new MalformedFileException(
          path,
          "is in the tar format that PyTorch wrote before 0.1.10, which weights_only=True refuses"
              + " too: if you trust the file, save its tensors again in Python: "
              + "torch.save(torch.load('old.pth', map_location='cpu', weights_only=False), 'new.pth')");
    }
    throw new MalformedFileException(
        path,
        text.isEmpty()
            ? "is empty: download it again"
            : "is not a file that torch.save wrote: it is no zip, and has not the magic number of"
                + " PyTorch before 1.6; download it again");
  }

  /** Finds the dictionary that holds the tensors, noting the plain values on the way. */
  private static Pickled.Dictionary stateDict(Path path, Pickled root, Map<String, String> metadata)
      throws MalformedFileException {
    if (!(root instanceof Pickled.Dictionary at)) {
      throw noTensors(path);
    }
    // A dictionary may contain itself, so there is an end to going inwards.
    for (int depth = 0; depth < 8; depth++) {
      at.items()
          .forEach((key, value) -> {
            if (isName(key) && value instanceof Pickled.Scalar(Object plain)) {
              metadata.putIfAbsent(key.toString(), plain.toString());
            }
          });
      Pickled.Dictionary inner = inner(at);
      if (inner == null) {
        break;
      }
      at = inner;
    }
    if (!holdsTensors(at)) {
      throw noTensors(path);
    }
    return at;
  }

  private static Pickled.Dictionary inner(Pickled.Dictionary at) {
    for (String key : WRAPPERS) {
      if (at.items().get(key) instanceof Pickled.Dictionary inner) {
        return inner;
      }
    }
    if (holdsTensors(at)) {
      return null;
    }
    // Each is looked into once, however often it is there.
    Set<Map<Object, Pickled>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Pickled.Dictionary> holders = new ArrayList<>();
    for (Pickled value : at.items().values()) {
      if (value instanceof Pickled.Dictionary inner
          && seen.add(inner.items())
          && holdsTensors(inner)) {
        holders.add(inner);
      }
    }
    return holders.size() == 1 ? holders.getFirst() : null;
  }

  private static boolean holdsTensors(Pickled.Dictionary dictionary) {
    return dictionary.items().values().stream().anyMatch(Pickled.View.class::isInstance);
  }

  private static MalformedFileException noTensors(Path path) {
    return new MalformedFileException(
        path, "holds no dictionary of tensors: save one with torch.save(model.state_dict(), path)");
  }
}
