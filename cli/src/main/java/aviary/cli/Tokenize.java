package aviary.cli;

import aviary.InputException;
import aviary.model.Model;
import aviary.model.ModelFiles;
import aviary.text.TextInput;
import aviary.tokenizer.JsonLines;
import aviary.tokenizer.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code aviary tokenize}. */
@Command(
    name = "tokenize",
    sortOptions = false,
    description = {
      "Turns text into token ids, or ids into text.",
      "The ids come on one line, parted by spaces. Every byte of a text counts, also a line's end at"
          + " its end, but not a byte order mark; files and stdin are UTF-8."
    },
    footer = {
      "",
      "Examples:",
      "  aviary tokenize --vocab rwkv_vocab_v20230424.txt \"Once upon a time\"",
      "  aviary tokenize --vocab rwkv_vocab_v20230424.txt --decode 23977 32350",
      "  aviary tokenize --model model.safetensors --jsonl < texts.jsonl > ids.jsonl"
    })
final class Tokenize implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "TEXT",
      description = "The text; with --decode the ids, parted by spaces or commas. Else stdin.")
  private List<String> words = List.of();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "The input is in this file.")
  private Path file;

  @Option(names = "--decode", description = "Turn ids into text.")
  private boolean decode;

  @Option(
      names = "--jsonl",
      description =
          "Read lines of {\"text\": \"...\"} and write lines of {\"ids\": [...]}; with --decode the"
              + " other way.")
  private boolean jsonLines;

  @Option(
      names = "--json",
      description = "Write one JSON object, {\"ids\": [...]} or with --decode {\"text\": \"...\"}.")
  private boolean json;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "Use the vocabulary that belongs to this model.")
  private Path model;

  @Mixin private VocabularyOptions vocabulary;

  @Override
  public Integer call() throws IOException {
    if (json && jsonLines) {
      throw new InputException("--json and --jsonl exclude each other: name one");
    }
    if (file != null && !words.isEmpty()) {
      throw new InputException("a text and --file exclude each other: name one");
    }
    if (words.size() > 1 && !decode) {
      throw new InputException(
          "%d texts: put quotes around one, or use --jsonl for many".formatted(words.size()));
    }
    Tokenizer tokenizer = tokenizer();
    try (InputStream in = input()) {
      if (jsonLines && decode) {
        JsonLines.decode(tokenizer, source(), TextInput.stream(source(), in), main.out());
      } else if (jsonLines) {
        JsonLines.encode(tokenizer, source(), TextInput.stream(source(), in), main.out());
      } else if (decode) {
        printText(tokenizer.decode(ids(new String(bytes(in), StandardCharsets.UTF_8))));
      } else {
        printIds(tokenizer.encode(bytes(in)));
      }
    }
    return 0;
  }

  private Tokenizer tokenizer() throws IOException {
    if (model == null) {
      return vocabulary.withoutModel();
    }
    try (Arena arena = Arena.ofConfined()) {
      Model opened = ModelFiles.open(model, arena);
      return vocabulary.of(model, opened.config().vocabulary());
    }
  }

  /** What is named in the command line is text already, all of which counts. */
  private byte[] bytes(InputStream in) throws IOException {
    return words.isEmpty() ? TextInput.read(source(), in) : in.readAllBytes();
  }

  private InputStream input() throws IOException {
    if (!words.isEmpty()) {
      return new ByteArrayInputStream(String.join(" ", words).getBytes(StandardCharsets.UTF_8));
    }
    return file != null ? Files.newInputStream(file) : main.in();
  }

  private String source() {
    return !words.isEmpty() ? "TEXT" : file != null ? file.toString() : "stdin";
  }

  private int[] ids(String text) {
    return TokenIds.parse(source(), text);
  }

  private void printIds(int[] ids) {
    if (json) {
      Json.printObject(
          main.out(),
          object -> {
            object.writeName("ids");
            object.writeArray(ids, 0, ids.length);
          });
    } else {
      main.out()
          .println(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    }
  }

  private void printText(byte[] text) {
    if (json) {
      String decoded = new String(text, StandardCharsets.UTF_8);
      Json.printObject(main.out(), object -> object.writeStringProperty("text", decoded));
    } else {
      main.out().writeBytes(text);
    }
  }
}
