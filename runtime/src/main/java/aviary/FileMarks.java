package aviary;

import aviary.FileKind.Format;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The marks with which formats begin. A mark that is readable text counts only with the bytes that
 * must follow it in its format, so that a text about GGUF or PAR1 remains a text.
 */
final class FileMarks {
  static final String IF_TOKENS = "if it holds token ids, give the text that they were made from";

  private static final String TOKENS = "give the text that its tokens were made from";

  /** No header of a safetensors file is longer. */
  private static final long LONGEST_HEADER = 100_000_000;

  /** The beginning of a file, in which a character is a byte. */
  private record Mark(Pattern start, FileKind kind) {}

  private static final List<Mark> MARKS =
      List.of(
          mark("\\xff\\xfe\\x00\\x00|\\x00\\x00\\xfe\\xff", wide("UTF-32")),
          mark("\\xff\\xfe|\\xfe\\xff", wide("UTF-16")),
          // The first field of a page, or of the footer, follows.
          mark("PAR1\\x15", new FileKind(Format.PARQUET, "a Parquet file", "")),
          mark("\\x1f\\x8b", compressed(Format.GZIP, "gzip", "gunzip")),
          mark("\\x28\\xb5\\x2f\\xfd", compressed(Format.PACKED, "Zstandard", "unzstd")),
          mark("\\xfd7zXZ\\x00", compressed(Format.PACKED, "xz", "unxz")),
          mark("\\x04\\x22\\x4d\\x18", compressed(Format.PACKED, "LZ4", "unlz4")),
          // The first block or, of nothing, the end.
          mark("BZh[1-9](1AY&SY|\\x17rE8P\\x90)", compressed(Format.PACKED, "bzip2", "bunzip2")),
          mark("7z\\xbc\\xaf\\x27\\x1c", archive("a 7z archive")),
          mark("Rar!\\x1a\\x07", archive("a RAR archive")),
          mark(
              "version https://git-lfs\\.github\\.com/spec/v\\d+\\s+(ext-\\S+ \\S+\\s+)*oid ",
              new FileKind(Format.PACKED, "a pointer of Git LFS", "git lfs pull gets the file")),
          mark(
              "PK(\\x03\\x04|\\x05\\x06).*data\\.pkl",
              new FileKind(Format.TORCH, "a file of torch.save", "")),
          mark(
              "PK(\\x03\\x04|\\x05\\x06)",
              new FileKind(
                  Format.TORCH,
                  "a zip archive (as .docx, .epub, .npz and .pth are)",
                  "unpack it, or save it as text")),
          mark(
              ".{257}ustar *\\x00", new FileKind(Format.TORCH, "a tar archive", "unpack it first")),
          mark(
              "\\x80[\\x02-\\x05]",
              new FileKind(Format.TORCH, "a Python pickle, as torch.save writes it", "")),
          // A version follows, which is a number of 32 bits.
          mark(
              "GGUF([\\x01-\\x0f]\\x00{3}|\\x00{3}[\\x01-\\x0f])",
              other("a GGUF model of llama.cpp", "")),
          mark("fmgg...\\x00", other("a model of rwkv.cpp", "")),
          mark("(lmgg|tjgg)...\\x00", other("a GGML model", "")),
          mark("MMIDIDX\\x00\\x00", tokens("the index of token files (binidx)")),
          mark("TNTIDX\\x00\\x00", tokens("the index of token files")),
          // The number 20240520, which modded-nanogpt has taken over, and a version.
          mark("\\x88\\xd8\\x34\\x01[\\x00-\\x0f]\\x00{3}", tokens("a token file of llm.c")),
          mark("\\x93NUMPY", other("a NumPy array", IF_TOKENS)),
          mark("ARROW1\\x00\\x00|\\xff{4}...\\x00", arrow()),
          mark("%PDF-\\d\\.\\d *([\\r\\n]|$)", other("a PDF document", "save its text first")),
          mark("\\{\\\\rtf\\d", other("an RTF document", "save it as plain text first")),
          mark("\\xd0\\xcf\\x11\\xe0", other("an Office document", "save it as plain text first")),
          mark("SQLite format 3\\x00", other("an SQLite database", "")),
          mark("\\x89HDF\\r\\n\\x1a\\n", other("an HDF5 file", "")),
          mark("\\x89PNG\\r\\n\\x1a\\n", other("a PNG image", "")),
          mark("\\xff\\xd8\\xff", other("a JPEG image", "")),
          // The low and high bytes of width and height follow.
          mark("GIF8[79]a(.[\\x00-\\x08\\x0e-\\x1f]){2}", other("a GIF image", "")),
          mark("\\x7fELF", other("a program", "")));

  private FileMarks() {}

  /**
   * Finds a format by its mark.
   *
   * @param start the first bytes of a file, {@link FileKind#START} of them if it has as many
   */
  static Optional<FileKind> find(byte[] start) {
    String characters = new String(start, StandardCharsets.ISO_8859_1);
    if (isSafetensors(characters)) {
      return Optional.of(new FileKind(Format.SAFETENSORS, "a safetensors file", ""));
    }
    for (Mark mark : MARKS) {
      if (mark.start().matcher(characters).lookingAt()) {
        return Optional.of(mark.kind());
      }
    }
    return Optional.empty();
  }

  /** A header's length in 64 bits, white space and the header's brace. */
  private static boolean isSafetensors(String start) {
    if (start.length() <= Long.BYTES) {
      return false;
    }
    long length = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      length = length << 8 | start.charAt(i);
    }
    String header = start.substring(Long.BYTES).stripLeading();
    return length > 0 && length <= LONGEST_HEADER && (header.isEmpty() || header.charAt(0) == '{');
  }

  private static Mark mark(String start, FileKind kind) {
    return new Mark(Pattern.compile(start, Pattern.DOTALL), kind);
  }

  private static FileKind wide(String encoding) {
    return other("a " + encoding + " text", FileKind.reencode(encoding));
  }

  private static FileKind compressed(Format format, String with, String program) {
    return new FileKind(format, "a file compressed with " + with, program + " unpacks it");
  }

  private static FileKind archive(String title) {
    return new FileKind(Format.PACKED, title, "unpack it first");
  }

  private static FileKind tokens(String title) {
    return other(title, TOKENS);
  }

  private static FileKind arrow() {
    return other("an Arrow file", "save it as Parquet or JSON Lines");
  }

  private static FileKind other(String title, String advice) {
    return new FileKind(Format.OTHER, title, advice);
  }
}
