package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataFolderTest {
  @TempDir private Path root;

  private Path touch(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xcopa/it/test.jsonl",
        "cambridgeltl/xcopa/it/test.jsonl",
        "cambridgeltl/xcopa/it/test-00000-of-00001.parquet",
        "xcopa/it/test/0000.parquet",
        "xcopa/data/it/test.json",
        "xcopa/test/it.jsonl",
        "xcopa/it-test.jsonl.gz",
        "xcopa/test_it.jsonl",
        "datasets--cambridgeltl--xcopa/snapshots/abc/it/test-00000-of-00001.parquet",
        "hub/datasets--cambridgeltl--xcopa/snapshots/abc/it/test/0000.parquet"
      })
  void findsAConfigurationsSplit(String name) throws IOException {
    Path file = touch(name);
    touch("xcopa/et/test.jsonl");
    touch("xcopa/it/validation.jsonl");
    touch("xcopa/translation-it/test.jsonl");
    touch("xcopa/README.md");
    assertEquals(
        List.of(file), new DataFolder(root).find("cambridgeltl/xcopa", "it", "test").files());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "piqa/validation.jsonl",
        "baber/piqa/data/validation-00000-of-00001.parquet",
        "piqa/validation/0000.parquet",
        "piqa/default/validation.jsonl",
        "piqa/piqa-validation.jsonl"
      })
  void aDataSetMayHaveNoConfiguration(String name) throws IOException {
    Path file = touch(name);
    touch("piqa/train.jsonl");
    touch("piqa/other/validation.jsonl");
    assertEquals(
        List.of(file), new DataFolder(root).find("baber/piqa", null, "validation").files());
  }

  @Test
  void shardsComeInTheirOrder() throws IOException {
    Path second = touch("a/default/test-00001-of-00002.parquet");
    Path first = touch("a/default/test-00000-of-00002.parquet");
    assertEquals(
        List.of(first, second), new DataFolder(root).find("x/a", "default", "test").files());
  }

  @Test
  void theCachesSnapshotIsTheOneThatMainNames() throws IOException {
    touch("datasets--x--a/snapshots/old/test.jsonl");
    Path main = touch("datasets--x--a/snapshots/new/test.jsonl");
    touch("datasets--x--a/snapshots/zzz/test.jsonl");
    Files.writeString(touch("datasets--x--a/refs/main"), "new\n");
    assertEquals(List.of(main), new DataFolder(root).find("x/a", null, "test").files());
  }

  @Test
  void whatIsMissingIsNamedWithThePlaceAndTheHubsDataSet() throws IOException {
    touch("xcopa/it/validation.jsonl");
    DataFolder data = new DataFolder(root);
    assertFalse(data.has("cambridgeltl/xcopa", "it", "test"));
    InputException e =
        assertThrows(InputException.class, () -> data.find("cambridgeltl/xcopa", "it", "test"));
    assertEquals(
        "the data set cambridgeltl/xcopa has no split test of the configuration it in "
            + root.resolve("xcopa")
            + ", which has it/validation.jsonl; get it from"
            + " https://huggingface.co/datasets/cambridgeltl/xcopa",
        e.getMessage());
    e = assertThrows(InputException.class, () -> data.find("x/y", null, "test"));
    assertTrue(
        e.getMessage().startsWith("the data set x/y (test) is not in " + root + ": there is no"),
        e.getMessage());
    assertThrows(InputException.class, () -> new DataFolder(root.resolve("none")));
  }

  private Path link(String name, Path target) throws IOException {
    Path link = root.resolve(name);
    Files.createDirectories(link.getParent());
    return Files.createSymbolicLink(link, target);
  }

  private List<Path> found(String dataset, String configuration, String split) throws IOException {
    return new DataFolder(root).find(dataset, configuration, split).files();
  }

  @Test
  void linksToFoldersAndFilesAreFollowed() throws IOException {
    Path blob = touch("elsewhere/blobs/abc");
    link("elsewhere/snapshots/1/it/test-00000-of-00001.parquet", Path.of("../../../blobs/abc"));
    link("xcopa", root.resolve("elsewhere/snapshots/1"));
    assertEquals(
        List.of(root.resolve("xcopa/it/test-00000-of-00001.parquet")),
        found("cambridgeltl/xcopa", "it", "test"));
    link("datasets--x--a/snapshots", root.resolve("elsewhere/snapshots"));
    assertEquals(
        List.of(root.resolve("datasets--x--a/snapshots/1/it/test-00000-of-00001.parquet")),
        found("x/a", "it", "test"));
    touch("real/test.jsonl");
    link("b/default", root.resolve("real"));
    assertEquals(List.of(root.resolve("b/default/test.jsonl")), found("x/b", null, "test"));
    Files.delete(blob);
    InputException e =
        assertThrows(InputException.class, () -> found("cambridgeltl/xcopa", "it", "test"));
    assertEquals(
        root.resolve("xcopa/it/test-00000-of-00001.parquet")
            + ": is a link to ../../../blobs/abc, which is not there; get the file again",
        e.getMessage());
  }

  @Test
  @Timeout(20)
  void loopsOfLinksEnd() throws IOException {
    Path file = touch("a/data/test.jsonl");
    link("a/data/data", root.resolve("a"));
    link("a/main", root.resolve("a"));
    link("a/test", Path.of("test"));
    assertEquals(List.of(file), found("x/a", null, "test"));
    assertThrows(InputException.class, () -> found("x/a", null, "train"));
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    touch("a/test-00000-of-00003.parquet");
    touch("a/test-00002-of-00003-0123456789abcdef.parquet");
    touch("a/train-00000-of-00001.parquet");
    String message =
        root.resolve("a")
            + ": the split test is in 3 files; missing:"
            + " test-00001-of-00003.parquet; download them";
    DataFolder data = new DataFolder(root);
    InputException e = assertThrows(InputException.class, () -> data.find("x/a", null, "test"));
    assertEquals(message, e.getMessage());
    e =
        assertThrows(
            InputException.class,
            () ->
                data.requireAll(
                    List.of(new DataFolder.Wanted("x/a", null, "test", DataChoice.ALL))));
    assertEquals(message, e.getMessage());
    touch("b/test-00001-of-00002.parquet");
    e =
        assertThrows(
            InputException.class,
            () ->
                data.requireAll(
                    List.of(
                        new DataFolder.Wanted("x/a", null, "test", DataChoice.ALL),
                        new DataFolder.Wanted("x/b", null, "test", DataChoice.ALL))));
    assertTrue(
        e.getMessage().startsWith(message + "; " + root.resolve("b") + ": "), e.getMessage());
    assertTrue(data.has("x/a", null, "train"));
    touch("a/test-00001-of-00003.parquet");
    assertEquals(3, found("x/a", null, "test").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/test/00001-of-00002.parquet",
        "a/data/test-1-of-2.jsonl",
        "a/test/part_0001-of-0002.jsonl.gz"
      })
  void aShardIsMissedHoweverItIsNumbered(String name) throws IOException {
    touch(name);
    InputException e = assertThrows(InputException.class, () -> found("x/a", null, "test"));
    assertTrue(e.getMessage().contains("is in 2 files"), e.getMessage());
    assertTrue(
        e.getMessage().contains(name.substring(name.lastIndexOf('/') + 1).replace("1-of", "0-of")),
        e.getMessage());
  }

  @Test
  void numbersOfPartsMayBeLarge() throws IOException {
    touch("a/test-1-of-99999999999.jsonl");
    touch("a/test-99999999999.jsonl");
    assertEquals(1, found("x/a", null, "test").size());
    touch("b/test-3-of-100000.jsonl");
    InputException e = assertThrows(InputException.class, () -> found("x/b", null, "test"));
    assertTrue(
        e.getMessage()
            .endsWith(
                "is in 100000 files; missing: test-0-of-100000.jsonl, test-1-of-100000.jsonl,"
                    + " test-2-of-100000.jsonl, test-4-of-100000.jsonl, test-5-of-100000.jsonl,"
                    + " test-6-of-100000.jsonl and 99993 others; download them"),
        e.getMessage());
  }

  @Test
  void shardsMayBeNumberedFromOne() throws IOException {
    Path first = touch("a/test-00001-of-00002.parquet");
    Path second = touch("a/test-00002-of-00002.parquet");
    assertEquals(List.of(first, second), found("x/a", null, "test"));
  }

  @Test
  void aSplitThatIsThereTwiceCountsOnce() throws IOException {
    Path parquet = touch("a/data/test-00000-of-00001.parquet");
    touch("a/data/test.jsonl");
    touch("a/test.jsonl");
    touch("a/test/0000.parquet");
    touch("a/data/test-00000-of-00001-0123456789abcdef.parquet");
    assertEquals(1, found("x/a", null, "test").size());
    Files.delete(root.resolve("a/test/0000.parquet"));
    assertEquals(
        List.of(root.resolve("a/data/test-00000-of-00001-0123456789abcdef.parquet")),
        found("x/a", null, "test"));
    Files.delete(parquet);
    Files.delete(root.resolve("a/data/test-00000-of-00001-0123456789abcdef.parquet"));
    assertEquals(List.of(root.resolve("a/test.jsonl")), found("x/a", null, "test"));
  }

  @Test
  void aCopyWithAllPartsComesBeforeOneThatLacksSome() throws IOException {
    touch("a/test-00000-of-00002.parquet");
    Path whole = touch("a/data/test-00000-of-00001.parquet");
    assertEquals(List.of(whole), found("x/a", null, "test"));
  }

  @Test
  void filesOfASplitsFolderAreItsPartsAndEachCountsOnce() throws IOException {
    Path first = touch("a/test/part-a.jsonl");
    Path second = touch("a/test/part-b.jsonl");
    touch("a/test/part-b.jsonl.gz");
    link("a/test/part-c.jsonl", first);
    assertEquals(List.of(first, second), found("x/a", null, "test"));
  }

  @Test
  @Timeout(20)
  void patternsOfATaskWantAllPartsAndEndAtLoopsOfLinks() throws IOException {
    Path first = touch("a/part-00000-of-00002.parquet");
    link("a/loop", root.resolve("a"));
    assertEquals(List.of(first), found("part-00000-of-00002.parquet"));
    InputException e = assertThrows(InputException.class, () -> found("**/part-*.parquet"));
    assertEquals(
        root.resolve("a")
            + ": the split test is in 2 files; missing:"
            + " part-00001-of-00002.parquet; download them",
        e.getMessage());
    Path second = touch("a/part-00001-of-00002.parquet");
    assertEquals(List.of(first, second), found("**/part-*.parquet"));
  }

  private List<Path> found(String pattern) throws IOException {
    DataChoice choice =
        new DataChoice(null, Map.of("test", List.of(pattern)), null, Reading.ByName.USUAL);
    return new DataFolder(root).find(new DataFolder.Wanted("x/a", null, "test", choice)).files();
  }
}
