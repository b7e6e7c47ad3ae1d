package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import aviary.tokenizer.SmallVocabulary;
import aviary.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder that Hugging Face's hub downloaded, as {@code --model}. */
class HubFolderTest {
  @TempDir Path temporary;
  private Path hub;
  private final Weights weights = Weights.eagle();
  private final Weights other = Weights.finch();

  @BeforeEach
  void makeFolder() throws IOException {
    hub = temporary.resolve("models--RWKV--tiny");
    Files.createDirectories(hub.resolve("blobs"));
    Files.createDirectories(hub.resolve("refs"));
    Files.createDirectories(hub.resolve("snapshots"));
  }

  /** A snapshot whose files are links to blobs. */
  private Path snapshot(String name, Weights content) throws IOException {
    Path snapshot = Files.createDirectories(hub.resolve("snapshots").resolve(name));
    Path blob = content.write(hub.resolve("blobs").resolve("blob-of-" + name));
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), snapshot.relativize(blob));
    return snapshot;
  }

  @Test
  void theOnlySnapshotIsTheModel() throws IOException {
    snapshot("abc", weights);
    weights.assertIn(hub);
  }

  @Test
  void refsMainSaysWhichSnapshot() throws IOException {
    snapshot("abc", other);
    snapshot("def", weights);
    Files.writeString(hub.resolve("refs/main"), "def");
    weights.assertIn(hub);
    Files.writeString(hub.resolve("refs/main"), "def\n");
    weights.assertIn(hub);
    Path link = Files.createSymbolicLink(temporary.resolve("linked"), hub);
    weights.assertIn(link);
  }

  @Test
  void severalSnapshotsWithoutRefsMainAreToldApartByTheUser() throws IOException {
    Path first = snapshot("abc", weights);
    snapshot("def", other);
    Refusals.assertRefused(
        hub,
        "has 2 snapshots and no refs/main that says which is current: name one, such as .*abc");
    weights.assertIn(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123", "", "../snapshots/abc", "abc/../abc", "."})
  void aSnapshotThatIsNotThereIsNamed(String ref) throws IOException {
    snapshot("abc", weights);
    Files.writeString(hub.resolve("refs/main"), ref);
    Refusals.assertRefused(
        hub,
        "its refs/main names the snapshot .*, which is not in .*: download it again, or .*abc");
  }

  @Test
  void aFolderWithoutASnapshotIsNamed() throws IOException {
    String wanted = "is a folder of Hugging Face's hub without a snapshot: download it again";
    Refusals.assertRefused(hub, wanted);
    Files.delete(hub.resolve("snapshots"));
    Refusals.assertRefused(hub, wanted);
  }

  @Test
  void anUnfinishedDownloadIsNamed() throws IOException {
    Path link = snapshot("abc", weights).resolve("model.safetensors");
    Files.delete(hub.resolve("blobs/blob-of-abc"));
    Refusals.assertRefused(hub, link, "is a link to what is not there; download it again");
  }

  @Test
  void theVocabularyIsThatOfTheSnapshot() throws IOException {
    Path snapshot = snapshot("abc", weights);
    Files.move(
        SmallVocabulary.write(temporary, "257 'once' 4"), snapshot.resolve(Tokenizers.FILE_NAME));
    assertArrayEquals(new int[] {257}, Tokenizers.find(hub, 260, null, null).encode("once"));
    Files.delete(snapshot.resolve(Tokenizers.FILE_NAME));
    Files.move(SmallVocabulary.writeLiterals(temporary, "b'upon'"), snapshot.resolve("vocab.txt"));
    assertArrayEquals(new int[] {257}, Tokenizers.find(hub, 260, null, null).encode("upon"));
  }
}
