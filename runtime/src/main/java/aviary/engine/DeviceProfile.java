package aviary.engine;

/**
 * What devices did since their profiler was started, as far as it tells.
 *
 * @param compileSeconds spent on compiling kernels
 * @param kernelSeconds the device was in kernels
 * @param transferSeconds spent on moving arrays between host and device
 * @param launches how many kernels were launched
 * @param bytesIn bytes that went to the device
 * @param bytesOut bytes that came from the device
 */
public record DeviceProfile(
    double compileSeconds,
    double kernelSeconds,
    double transferSeconds,
    long launches,
    long bytesIn,
    long bytesOut) {

  /** What both did together. */
  public DeviceProfile plus(DeviceProfile other) {
    return new DeviceProfile(
        compileSeconds + other.compileSeconds,
        kernelSeconds + other.kernelSeconds,
        transferSeconds + other.transferSeconds,
        launches + other.launches,
        bytesIn + other.bytesIn,
        bytesOut + other.bytesOut);
  }
}
