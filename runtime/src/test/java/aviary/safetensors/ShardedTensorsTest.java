package aviary.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardedTensorsTest {
  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    write("m-1-of-2.safetensors", Map.of("format", "pt", "shard", "1"), "b", "a", "unlisted");
    write("m-2-of-2.safetensors", Map.of("format", "pt", "shard", "2"), "d", "c");
  }

  @Test
  void readsTensorsShardAfterShard() throws IOException {
    Path index =
        index(
            """
            {"metadata":{"total_size":20,"more":[1,{"x":null}]},
             "weight_map":{"a":"m-1-of-2.safetensors","c":"m-2-of-2.safetensors",
               "b":"m-1-of-2.safetensors","d":"m-2-of-2.safetensors"}}
            """);
    try (Arena arena = Arena.ofConfined()) {
      ShardedTensors model = ShardedTensors.open(index, arena);
      assertEquals(List.of("b", "a", "d", "c"), List.copyOf(model.tensors().keySet()));
      assertEquals(Map.of("format", "pt", "shard", "1"), model.metadata());
      assertEquals("d F32[1]", model.tensors().get("d").toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"weight_map":{"a":"m-3-of-2.safetensors"}} | lists the file m-3-of-2.safetensors, which is not beside it
          {"weight_map":{"z":"m-2-of-2.safetensors"}} | says that tensor z is in m-2-of-2.safetensors, but it is not there
          {"weight_map":{"a":"../secret"}} | puts tensor a in ../secret, wanted the name of a file in the same folder
          {"weight_map":{"a":"/etc/passwd"}} | wanted the name of a file
          {"weight_map":{"a":"x\\\\..\\\\y"}} | wanted the name of a file
          {"weight_map":{"a":"C:y"}} | wanted the name of a file
          {"weight_map":{"a":".."}} | wanted the name of a file
          {"weight_map":{"a":""}} | wanted the name of a file
          {"weight_map":{"a":"x\\u0000y"}} | wanted the name of a file
          {"weight_map":{"a":1}} | weight_map.a has 1, wanted a string
          {"weight_map":["a"]} | weight_map has an array, wanted an object
          {"weight_map":{"a":"x","a":"y"}} | weight_map names a twice
          {"weight_map":{}} | has no weight_map that lists tensors
          {} | has no weight_map that lists tensors
          [] | the index has an array, wanted an object
          {"weight_map":{"a":"m-1-of-2.safetensors"}}{} | goes on after its end
          """)
  void refusesAMalformedIndex(String text, String message) throws IOException {
    Path index = index(text);
    try (Arena arena = Arena.ofConfined()) {
      MalformedFileException e =
          assertThrows(MalformedFileException.class, () -> ShardedTensors.open(index, arena));
      assertTrue(e.getMessage().startsWith(index + ": "), e.getMessage());
      assertTrue(e.getMessage().contains(message), e.getMessage());
    }
  }

  private Path index(String text) throws IOException {
    return Files.writeString(folder.resolve("m.safetensors.index.json"), text);
  }

  private void write(String file, Map<String, String> metadata, String... names)
      throws IOException {
    Payload payload = Payload.of(MemorySegment.ofArray(new float[1]));
    SafetensorsWriter.write(
        folder.resolve(file),
        metadata,
        Arrays.stream(names)
            .map(name -> new SafetensorsWriter.Entry(name, DType.F32, new long[] {1}, payload))
            .toList());
  }
}
