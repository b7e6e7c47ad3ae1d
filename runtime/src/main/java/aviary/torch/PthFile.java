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
 * .bin}): a zip of one pickle, which describes the tensors, and one file for each storage. Tensors
 * are views of the mapped file; only those whose elements are not contiguous are copied. Nothing in
 * the pickle is ever run.
 *
 * @param path the file
 * @param metadata the strings and numbers that stand beside the tensors, by their keys
 * @param tensors the tensors by name, in the order of the saved dictionary
 */
public record PthFile(Path path, Map<String, String> metadata, Map<String, Tensor> tensors) {

  /** The keys under which training programs keep a model's tensors beside other things. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model", "module", "weights");

  private static final String RESAVE =
      "open it with a current PyTorch and save it again: "
          + "torch.save(torch.load(path, map_location='cpu', weights_only=True), path)";

  /**
   * Opens a file. A dictionary of tensors is taken as it is; one that has such a dictionary under
   * {@code state_dict}, {@code model} or the like, or as its only dictionary of tensors, is entered
   * first.
   *
   * @param path a file of {@code torch.save} in PyTorch 1.6 or later, of any length
   * @param arena how long the tensors live; it also decides which threads may read them
   * @throws MalformedFileException if the file is damaged, cut short, asks for more than tensors,
   *     or holds none
   * @throws IOException if the file is missing or cannot be read
   */
  public static PthFile open(Path path, Arena arena) throws IOException {
    MemorySegment file = MappedFile.map(path, arena);
    checkZip(path, file);
    ZipArchive zip = new ZipArchive(path, file);
    String folder = folder(path, zip);
    checkByteOrder(path, zip, folder);
    byte[] pickle = zip.read(zip.entries().get(folder + "data.pkl"), Unpickler.LONGEST);
    Map<String, String> metadata = new LinkedHashMap<>();
    Pickled.Dictionary saved = stateDict(path, Unpickler.read(path, pickle), metadata);
    StorageViews views = new StorageViews(path, zip, file.byteSize(), folder + "data/", arena);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (var entry : saved.items().entrySet()) {
      if (entry.getValue() instanceof Pickled.View view) {
        String name = entry.getKey().toString();
        if (tensors.put(name, views.tensor(name, view)) != null) {
          throw new MalformedFileException(path, "holds two tensors that are called " + name);
        }
      }
    }
    return new PthFile(
        path, Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors));
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

  /** Tells zips from PyTorch's older formats, which have to be converted by PyTorch. */
  private static void checkZip(Path path, MemorySegment file) throws MalformedFileException {
    byte[] start = file.asSlice(0, Math.min(file.byteSize(), 262)).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.isEmpty()) {
      throw new MalformedFileException(path, "is empty: download it again");
    }
    // A pickle of the number 0x1950a86a20f9469cfc6c; or a tar, which has its mark at 257.
    if (text.startsWith("\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019", 2)
        || text.startsWith("ustar", 257)) {
      throw new MalformedFileException(
          path, "is in the format that PyTorch wrote before 1.6: " + RESAVE);
    }
    if (!text.startsWith("PK")) {
      throw new MalformedFileException(
          path, "is not a file that torch.save wrote: it is no zip; download it again");
    }
  }

  /** The folder of the archive that everything is in, ending in a slash. */
  private static String folder(Path path, ZipArchive zip) throws MalformedFileException {
    List<String> folders =
        zip.entries().keySet().stream()
            .filter(name -> name.endsWith("/data.pkl") && name.indexOf('/') == name.length() - 9)
            .map(name -> name.substring(0, name.length() - 8))
            .toList();
    if (folders.size() != 1) {
      throw new MalformedFileException(
          path,
          "is a zip, but not one that torch.save wrote: it has %s data.pkl in a folder"
              .formatted(folders.isEmpty() ? "no" : "more than one"));
    }
    String folder = folders.getFirst();
    if (zip.entries().containsKey(folder + "constants.pkl")) {
      throw new MalformedFileException(
          path, "is a TorchScript program: save its tensors with torch.save(model.state_dict())");
    }
    return folder;
  }

  private static void checkByteOrder(Path path, ZipArchive zip, String folder)
      throws MalformedFileException {
    ZipArchive.Entry entry = zip.entries().get(folder + "byteorder");
    if (entry == null) {
      return; // Older PyTorch did not write it, and ran on little-endian machines.
    }
    String order = new String(zip.read(entry, 100), StandardCharsets.UTF_8);
    if (!order.equals("little")) {
      throw new MalformedFileException(
          path,
          "holds numbers in byte order %s, wanted little: on a little-endian machine, %s"
              .formatted(order, RESAVE));
    }
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
            if (value instanceof Pickled.Scalar(Object plain)) {
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
