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
import org.junit.jupiter.api.Test;
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
}
