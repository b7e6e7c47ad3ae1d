package aviary.torch;

import aviary.safetensors.MalformedFileException;
import java.lang.foreign.MemorySegment;

/** Where a file has the bytes of its storages. */
interface StorageData {

  /**
   * The bytes of a whole storage where they lie in the file.
   *
   * @param tensor the tensor that needs it, for messages
   * @param storage the storage, or a part of it; the bytes are those of the whole
   * @return as many bytes as its elements take
   * @throws MalformedFileException if they are not there, or are not as many
   */
  MemorySegment whole(String tensor, Pickled.Storage storage) throws MalformedFileException;
}
