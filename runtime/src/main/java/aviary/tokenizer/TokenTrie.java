package aviary.tokenizer;

/**
 * A trie over bytes in one array. Its edges lie in an open-addressed hash table, an edge a {@code
 * long}: the node it leaves (20 bits) and its byte (8), which together are the key; the node it
 * reaches (20), never the root; and the token that ends there (16), 0 for none. So a step of the
 * walk costs one cache line, and building it makes no objects. Built by one thread, then read by
 * many.
 */
final class TokenTrie {
  private static final int NODE_BITS = 20;
  private static final int TOKEN_BITS = 16;
  private static final int NODE_MASK = (1 << NODE_BITS) - 1;
  private static final int TOKEN_MASK = (1 << TOKEN_BITS) - 1;
  private static final int KEY_SHIFT = NODE_BITS + TOKEN_BITS;

  private long[] edges;
  private int shift;
  private int nodes = 1;

  /**
   * @param expectedNodes how many nodes to make room for; it grows when there are more
   */
  TokenTrie(int expectedNodes) {
    int bits = 32 - Integer.numberOfLeadingZeros(Math.max(expectedNodes, 8) * 3 / 2);
    edges = new long[1 << bits];
    shift = 32 - bits;
  }

  /**
   * Adds a token.
   *
   * @param token 1 to 65535
   * @return the token that already has these bytes, and stays; 0 if it was added; -1 if there is no
   *     room for more nodes
   */
  int add(byte[] bytes, int from, int to, int token) {
    int node = 0;
    int slot = -1;
    for (int i = from; i < to; i++) {
      int key = node << 8 | bytes[i] & 0xFF;
      slot = slot(key);
      if (edges[slot] == 0) {
        if (nodes > NODE_MASK) {
          return -1;
        }
        if (nodes >= edges.length - (edges.length >> 2)) {
          grow();
          slot = slot(key);
        }
        edges[slot] = (long) key << KEY_SHIFT | (long) nodes++ << TOKEN_BITS;
      }
      node = node(edges[slot]);
    }
    int present = token(edges[slot]);
    if (present == 0) {
      edges[slot] |= token;
    }
    return present;
  }

  /**
   * The longest token that the bytes from {@code from} begin with.
   *
   * @return the place behind it in the upper half, the token in the lower; the token is 0 if there
   *     is none
   */
  long longest(byte[] bytes, int from) {
    long[] table = edges;
    int node = 0;
    int best = 0;
    int end = from;
    for (int i = from; i < bytes.length; ) {
      int key = node << 8 | bytes[i] & 0xFF;
      int slot = hash(key);
      long edge = table[slot];
      while (edge != 0 && (int) (edge >>> KEY_SHIFT) != key) {
        slot = slot + 1 & table.length - 1;
        edge = table[slot];
      }
      if (edge == 0) {
        break;
      }
      i++;
      node = node(edge);
      if (token(edge) != 0) {
        best = token(edge);
        end = i;
      }
    }
    return (long) end << 32 | best;
  }

  /** The slot that has the key's edge, or the empty one where it belongs. */
  private int slot(int key) {
    int slot = hash(key);
    while (edges[slot] != 0 && (int) (edges[slot] >>> KEY_SHIFT) != key) {
      slot = slot + 1 & edges.length - 1;
    }
    return slot;
  }

  private int hash(int key) {
    return key * 0x9E3779B1 >>> shift; // Knuth's multiplicative hash: 2^32 over the golden ratio
  }

  private void grow() {
    long[] old = edges;
    edges = new long[old.length * 2];
    shift--;
    for (long edge : old) {
      if (edge != 0) {
        edges[slot((int) (edge >>> KEY_SHIFT))] = edge;
      }
    }
  }

  private static int node(long edge) {
    return (int) (edge >>> TOKEN_BITS) & NODE_MASK;
  }

  private static int token(long edge) {
    return (int) edge & TOKEN_MASK;
  }
}
