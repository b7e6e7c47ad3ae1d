package aviary.bench;

import aviary.engine.DeviceLimits;

/**
 * What a device would allow, by kernels that do nothing but read, and nothing but multiply and add;
 * 0 where it is not known.
 *
 * @param device the device
 * @param threads threads of the host's cores
 * @param bytesPerSecond reading memory
 * @param flopsPerSecond multiplying and adding, in F32
 */
public record Limits(String device, int threads, double bytesPerSecond, double flopsPerSecond) {

  /** Those that a backend measured. */
  static Limits of(String device, int threads, DeviceLimits measured) {
    return new Limits(device, threads, measured.bytesPerSecond(), measured.flopsPerSecond());
  }

  /** Where nothing is known. */
  static Limits unknown(String device, int threads) {
    return new Limits(device, threads, 0, 0);
  }
}
