package aviary.model;

/**
 * A reference from a program to a model's tensor.
 *
 * @param name the tensor's name; in the ops of a layer without the {@code blocks.L.} before it
 * @param form how its numbers are to be read
 */
public record Weight(String name, Form form) {

  /** How a weight's numbers are to be read. */
  public enum Form {
    /** As they are. */
    PLAIN,
    /** One number a head, which stands for all the head's channels. */
    PER_HEAD,
    /** As {@link #PER_HEAD}, and the number is the logarithm. */
    LOG_PER_HEAD
  }

  /** A weight that is read as it is. */
  public static Weight of(String name) {
    return new Weight(name, Form.PLAIN);
  }

  /** The tensor's full name in a layer. */
  public String inLayer(int layer) {
    return "blocks." + layer + "." + name;
  }
}
