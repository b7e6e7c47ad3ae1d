package aviary.model;

/** Where the numbers of a tensor come from: another tensor, or a rule that makes them. */
@FunctionalInterface
interface WeightSource {

  /** A reader for one thread. All readers of a source read the same. */
  Reader reader();

  /** Gives ranges of numbers; keeps what it works with from one to the next. */
  @FunctionalInterface
  interface Reader {

    /** The most numbers in a range. */
    int MOST = 256 * Q8_0.BLOCK;

    /**
     * Gives a range of the tensor's numbers, any at any time.
     *
     * @param start the first, in row-major order; a block of {@link BlockGrid} begins there
     * @param count how many: whole blocks, at most {@link #MOST}
     * @param out where they go, from its start
     */
    void read(long start, int count, float[] out);
  }
}
