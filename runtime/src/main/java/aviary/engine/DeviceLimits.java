package aviary.engine;

/**
 * What a device could do at most, as measured: nothing that reads memory or multiplies is faster.
 *
 * @param bytesPerSecond how fast it reads memory that is in no cache
 * @param flopsPerSecond floating-point operations in F32, of which a fused multiply-add is two
 */
public record DeviceLimits(double bytesPerSecond, double flopsPerSecond) {}
