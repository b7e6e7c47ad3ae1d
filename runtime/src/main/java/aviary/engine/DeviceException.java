package aviary.engine;

/**
 * A device could not do its work, though what the user gave was fine: a kernel that its driver does
 * not compile, memory that ran out there, a device that went away. The message is one line that
 * names the device. Commands print it and exit with code 1.
 */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which device, what it was doing, and what went wrong, in one line
   * @param cause what led to it
   */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
