package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What PyTorch 1.6 and later write: a zip of one pickle, which describes the tensors, and one file
 * for each storage.
 *
 * @param path the file, for messages
 * @param zip the archive
 * @param folder the folder in it that has everything, ending in a slash
 */
record SavedZip(Path path, ZipArchive zip, String folder) implements StorageData {

  /** Opens a file and checks that it is one of these. */
  static SavedZip open(Path path, MemorySegment file) throws MalformedFileException {
    ZipArchive zip = new ZipArchive(path, file);
    SavedZip saved = new SavedZip(path, zip, folder(path, zip));
    saved.checkByteOrder();
    return saved;
  }

  /** Reads the pickle. */
  Unpickler.Result pickle() throws MalformedFileException {
    byte[] bytes = zip.read(zip.entries().get(folder + "data.pkl"), Unpickler.LONGEST);
    return Unpickler.read(new PickleInput(path, ByteBuffer.wrap(bytes)));
  }

  @Override
  public MemorySegment whole(String tensor, Pickled.Storage storage) throws MalformedFileException {
    String file = folder + "data/" + storage.key();
    ZipArchive.Entry entry = zip.entries().get(file);
    if (entry == null) {
      throw fail(tensor, "its data, %s, are not in the file: download it again".formatted(file));
    }
    long width = storage.type().width();
    if (storage.elements() < 0
        || entry.size() % width != 0
        || entry.size() / width != storage.elements()) {
      throw fail(
          tensor,
          "the pickle says that %s has %d elements of %d bytes, but it has %d bytes"
              .formatted(file, storage.elements(), width, entry.size()));
    }
    return zip.mapped(entry);
  }

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

  private void checkByteOrder() throws MalformedFileException {
    ZipArchive.Entry entry = zip.entries().get(folder + "byteorder");
    if (entry == null) {
      return; // Older PyTorch did not write it, and ran on little-endian machines.
    }
    String order = new String(zip.read(entry, 100), StandardCharsets.UTF_8);
    if (!order.equals("little")) {
      throw new MalformedFileException(
          path,
          "holds numbers in byte order %s, wanted little: on a little-endian machine, %s"
              .formatted(order, PthFile.RESAVE));
    }
  }

  private MalformedFileException fail(String tensor, String problem) {
    return new MalformedFileException(path, "tensor " + tensor + ": " + problem);
  }
}
