package aviary.evaluation.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.data.DataFolder.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files a task's dataset_kwargs choose, as {@code datasets} 5.0.1 chooses them. */
class ChosenFilesTest {
  @TempDir private Path root;

  private void write(String... names) throws IOException {
    for (String name : names) {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "{\"a\": 1}\n");
    }
  }

  private String find(String dataset, String split, DataChoice choice) throws IOException {
    Split found = new DataFolder(root).find(new Wanted(dataset, "any", split, choice));
    return String.join(
        ", ", found.files().stream().map(file -> root.relativize(file).toString()).toList());
  }

  private static DataChoice inFolder(String folder) {
    return new DataChoice(folder, null, null, Reading.ByName.USUAL);
  }

  private static DataChoice of(String... files) {
    return new DataChoice(null, Map.of("train", List.of(files)), null, Reading.ByName.USUAL);
  }

  private static DataChoice json(String folder, Map<String, List<String>> files) {
    return new DataChoice(folder, files, null, Reading.Json.USUAL);
  }

  private void assertRefused(String message, String dataset, String split, DataChoice choice) {
    InputException e = assertThrows(InputException.class, () -> find(dataset, split, choice));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @Test
  void aFolderOfTheDataSet() throws IOException {
    write("me/ds/test.jsonl", "me/ds/v2/test.jsonl", "me/ds/v2/README.md");
    assertEquals("me/ds/v2/test.jsonl", find("me/ds", "test", inFolder("v2")));
    assertRefused(
        ".* has no split train in .*v2, whose files are of test", "me/ds", "train", inFolder("v2"));
    assertRefused(
        ".*: there is no folder .*v3, which data_dir names", "me/ds", "test", inFolder("v3"));
    assertRefused("the data set me/other .* is not in .*", "me/other", "test", inFolder("v2"));
  }

  @Test
  void namesOfFoldersAndFilesTellTheSplit() throws IOException {
    write(
        "ds/a/my-dev.jsonl",
        "ds/a/eval_1.jsonl",
        "ds/a/eval_2.jsonl",
        "ds/a/training.jsonl",
        "ds/a/other.jsonl",
        "ds/a/.test.jsonl",
        "ds/a/__x/test.jsonl",
        "ds/a/contest.jsonl");
    assertEquals("ds/a/my-dev.jsonl", find("ds", "validation", inFolder("a")));
    assertEquals("ds/a/eval_1.jsonl, ds/a/eval_2.jsonl", find("ds", "test", inFolder("a")));
    assertEquals("ds/a/training.jsonl", find("ds", "train", inFolder("a")));
    write("ds/b/test/1.jsonl", "ds/b/old-test/2.jsonl", "ds/b/train.jsonl");
    assertEquals("ds/b/old-test/2.jsonl, ds/b/test/1.jsonl", find("ds", "test", inFolder("b")));
    assertRefused(".*whose files are of test", "ds", "train", inFolder("b"));
    write(
        "ds/c/data/x-00000-of-00002.jsonl", "ds/c/data/x-00001-of-00002.jsonl", "ds/c/test.jsonl");
    assertEquals(
        "ds/c/data/x-00000-of-00002.jsonl, ds/c/data/x-00001-of-00002.jsonl",
        find("ds", "x", inFolder("c")));
    write("ds/d/1.jsonl", "ds/d/e/2.jsonl", "ds/d/notes.txt");
    assertEquals("ds/d/1.jsonl, ds/d/e/2.jsonl", find("ds", "train", inFolder("d")));
  }

  @Test
  void pathsAndPatterns() throws IOException {
    write(
        "ds/b.jsonl",
        "ds/a1.jsonl",
        "ds/a2.jsonl",
        "ds/sub/a3.jsonl",
        "ds/sub/deep/a4.jsonl",
        "ds/a.txt");
    assertEquals("ds/b.jsonl", find("ds", "train", of("b.jsonl")));
    assertEquals("ds/b.jsonl, ds/a1.jsonl", find("ds", "train", of("b.jsonl", "a1.jsonl")));
    assertEquals("ds/a1.jsonl, ds/a2.jsonl", find("ds", "train", of("a*.jsonl")));
    assertEquals("ds/a2.jsonl", find("ds", "train", of("a[2-9].json?")));
    assertEquals(
        "ds/a1.jsonl, ds/a2.jsonl, ds/sub/a3.jsonl, ds/sub/deep/a4.jsonl",
        find("ds", "train", of("**/a*.jsonl")));
    assertEquals("ds/sub/a3.jsonl, ds/sub/deep/a4.jsonl", find("ds", "train", of("sub/**")));
    String absolute = root.resolve("ds/b.jsonl").toString();
    assertEquals("ds/b.jsonl", find("ds", "train", of(absolute)));
    assertRefused(".* no split test: its data_files are of train", "ds", "test", of("b.jsonl"));
    assertRefused(".* no file c.jsonl in .*ds, which .*", "ds", "train", of("b.jsonl", "c.jsonl"));
    assertRefused(".* no file c\\*.jsonl in .*ds, which .*", "ds", "train", of("c*.jsonl"));
    assertRefused(
        ".*names https://x.org/a.jsonl, and nothing is downloaded: .*",
        "ds",
        "train",
        of("https://x.org/a.jsonl"));
  }

  @Test
  void loopsOfLinksEnd() throws IOException {
    write("ds/v2/test.jsonl");
    Files.createSymbolicLink(root.resolve("ds/v2/loop"), root.resolve("ds"));
    Files.createSymbolicLink(root.resolve("ds/v2/self"), Path.of("self"));
    assertEquals("ds/v2/test.jsonl", find("ds", "test", inFolder("v2")));
    assertEquals("ds/v2/test.jsonl", find("ds", "train", of("v2/t*.jsonl")));
  }

  @Test
  void aMissingPartIsNamedUnlessOnePartIsAskedFor() throws IOException {
    write("ds/a/test-00000-of-00003.jsonl", "ds/a/test-00002-of-00003.jsonl");
    String message =
        ".*ds/a: the split %s is in 3 files; missing: test-00001-of-00003.jsonl; download them";
    assertRefused(message.formatted("test"), "ds", "test", inFolder("a"));
    for (String pattern : List.of("a/*.jsonl", "**", "a/test-*-of-*", "a/test-0000[0-2]*")) {
      assertRefused(message.formatted("train"), "ds", "train", of(pattern));
    }
    String first = "ds/a/test-00000-of-00003.jsonl";
    assertEquals(first, find("ds", "train", of("a/test-00000-of-00003.jsonl")));
    assertEquals(first, find("ds", "train", of("a/test-00000-*.jsonl")));
    write("ds/a/test-00001-of-00003.jsonl");
    assertEquals(3, find("ds", "test", inFolder("a")).split(", ").length);
  }

  @Test
  void aRevisionCannotLeadOutOfTheCache() throws IOException {
    write("datasets--me--ds/snapshots/111/test.jsonl", "other/test.jsonl");
    Path refs = Files.createDirectories(root.resolve("datasets--me--ds/refs/pr"));
    Files.writeString(refs.resolve("1"), "111");
    Files.writeString(refs.resolve("2"), "../../other");
    assertEquals(
        "datasets--me--ds/snapshots/111/test.jsonl",
        find("me/ds", "test", new DataChoice("", null, "pr/1", Reading.ByName.USUAL)));
    String absolute = root.resolve("other").toString();
    for (String revision : List.of("../../other", absolute, "pr/2", "..", ".", "", "a\0b")) {
      assertRefused(
          ".* is not in .*",
          "me/ds",
          "test",
          new DataChoice(null, null, revision, Reading.ByName.USUAL));
    }
  }

  @Test
  void aLoaderReadsFilesOfTheDataFolder() throws IOException {
    write("docs.jsonl", "sub/more.dat", "sub/test.jsonl", "json/test.jsonl");
    assertEquals(
        "docs.jsonl", find("json", "test", json(null, Map.of("test", List.of("docs.jsonl")))));
    assertEquals(
        "sub/more.dat", find("json", "test", json("sub", Map.of("test", List.of("more.dat")))));
    assertEquals("sub/test.jsonl", find("json", "test", json("sub", null)));
    assertEquals("json/test.jsonl", find("json", "test", json(null, null)));
  }

  @Test
  void aRevisionIsASnapshotOfTheCache() throws IOException {
    write("datasets--me--ds/snapshots/111/test.jsonl", "datasets--me--ds/snapshots/222/test.jsonl");
    Path refs = Files.createDirectories(root.resolve("datasets--me--ds/refs"));
    Files.writeString(refs.resolve("main"), "222");
    Files.writeString(refs.resolve("v1"), "111");
    for (String revision : List.of("111", "v1")) {
      assertEquals(
          "datasets--me--ds/snapshots/111/test.jsonl",
          find("me/ds", "test", new DataChoice("", null, revision, Reading.ByName.USUAL)));
    }
    Wanted newest = new Wanted("me/ds", null, "test", DataChoice.ALL);
    assertTrue(new DataFolder(root).find(newest).place().contains("222"));
    assertRefused(
        ".* is not in .*", "me/ds", "test", new DataChoice(null, null, "v9", Reading.ByName.USUAL));
  }
}
