package aviary.cli;

/**
 * How long something still takes.
 *
 * @param seconds as far as is known
 */
record TimeLeft(double seconds) {

  /**
   * If it goes on as fast as until now.
   *
   * @param elapsed seconds in which {@code done} was done; above 0
   * @param left how much of the same is left
   */
  static TimeLeft of(double elapsed, long done, long left) {
    return new TimeLeft(elapsed / done * left);
  }

  /** {@code 45 s}, {@code 12 min} or {@code 2 h 5 min}. */
  @Override
  public String toString() {
    long minutes = Math.round(seconds / 60);
    if (seconds < 100) {
      return Math.round(seconds) + " s";
    }
    return minutes < 100 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
  }
}
