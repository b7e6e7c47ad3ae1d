package aviary.bench;

/**
 * What a device would allow.
 *
 * @param device the device
 * @param threads threads of the host's cores
 * @param bytesPerSecond reading memory
 * @param flopsPerSecond multiplying and adding, in F32
 */
public record Limits(String device, int threads, double bytesPerSecond, double flopsPerSecond) {}
