package aviary.evaluation.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a task's {@code dataset_kwargs} say of the files that are read.
 *
 * @param folder {@code data_dir}, in the data set's folder; null for that itself
 * @param files {@code data_files}: paths and patterns of each split; null if the names of files
 *     tell the splits
 * @param revision of the hub's repository; null for the newest that is there
 * @param reading how the files are read
 */
public record DataChoice(
    String folder, Map<String, List<String>> files, String revision, Reading reading) {

  /** All that a data set's folder has. */
  public static final DataChoice ALL = new DataChoice(null, null, null, Reading.ByName.USUAL);

  /** Copies the files, in their order. */
  public DataChoice {
    files = files == null ? null : new LinkedHashMap<>(files);
  }

  /** Whether files are found as {@code datasets} finds them, and not by configuration and split. */
  boolean isOfFiles() {
    return folder != null || files != null;
  }
}
