package aviary.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes zip files, zip64 or not, also such that say what is not so. */
final class ZipBytes {

  /**
   * What the headers say of an entry.
   *
   * @param method 0 for stored
   * @param compressed how many bytes it takes
   * @param size how many bytes it has
   */
  record Claim(String name, int method, long compressed, long size) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Claim> claims = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();
  private final boolean zip64;

  /**
   * @param zip64 whether sizes and places are in the fields of 64 bits
   */
  ZipBytes(boolean zip64) {
    this.zip64 = zip64;
  }

  /** A stored entry. */
  ZipBytes add(String name, byte[] bytes) {
    return add(new Claim(name, 0, bytes.length, bytes.length), bytes);
  }

  /** An entry of which the headers may say other than its bytes are. */
  ZipBytes add(Claim claim, byte[] bytes) {
    claims.add(claim);
    places.add(out.size());
    little(4, 0x04034b50);
    little(2, 45);
    numbers(claim);
    little(2, zip64 ? 20 : 0);
    out.writeBytes(utf8(claim));
    if (zip64) {
      little(2, 1);
      little(2, 16);
      little(8, claim.size());
      little(8, claim.compressed());
    }
    out.writeBytes(bytes);
    return this;
  }

  /** The whole file. */
  byte[] end() {
    int start = out.size();
    for (int i = 0; i < claims.size(); i++) {
      central(claims.get(i), places.get(i));
    }
    return end(claims.size(), out.size() - start, start);
  }

  /** The file, with an end that says where the directory is. */
  byte[] end(long count, long size, long start) {
    if (zip64) {
      int end = out.size();
      little(4, 0x06064b50);
      little(8, 44);
      little(2, 45);
      little(2, 45);
      little(8, 0); // numbers of the disks
      little(8, count);
      little(8, count);
      little(8, size);
      little(8, start);
      little(4, 0x07064b50);
      little(4, 0);
      little(8, end);
      little(4, 1);
    }
    little(4, 0x06054b50);
    little(4, 0);
    little(2, zip64 ? -1 : count);
    little(2, zip64 ? -1 : count);
    little(4, zip64 ? -1 : size);
    little(4, zip64 ? -1 : start);
    little(2, 0);
    return out.toByteArray();
  }

  private void central(Claim claim, int place) {
    little(4, 0x02014b50);
    little(2, 45);
    little(2, 45);
    numbers(claim);
    little(2, zip64 ? 28 : 0);
    little(2, 0); // comment
    little(2, 0); // disk
    little(2, 0);
    little(4, 0); // attributes
    little(4, zip64 ? -1 : place);
    out.writeBytes(utf8(claim));
    if (zip64) {
      little(2, 1);
      little(2, 24);
      little(8, claim.size());
      little(8, claim.compressed());
      little(8, place);
    }
  }

  /** What both headers have: flags, method, time, checksum, sizes and the name's length. */
  private void numbers(Claim claim) {
    little(2, 0);
    little(2, claim.method());
    little(4, 0);
    little(4, 0);
    little(4, zip64 ? -1 : claim.compressed());
    little(4, zip64 ? -1 : claim.size());
    little(2, utf8(claim).length);
  }

  private static byte[] utf8(Claim claim) {
    return claim.name().getBytes(StandardCharsets.UTF_8);
  }

  private void little(int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> 8 * i));
    }
  }
}
