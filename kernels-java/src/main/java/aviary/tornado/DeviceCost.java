package aviary.tornado;

import aviary.engine.DeviceProfile;

/** What work cost: kernels launched, and bytes of arrays that went between host and device. */
final class DeviceCost {
  private long launches;
  private long bytesIn;
  private long bytesOut;
  private long kernelTime;
  private long compileTime;
  private long transferTime;
  private long measuredIn;
  private long measuredOut;

  void launched(int count) {
    launches += count;
  }

  void in(long bytes) {
    bytesIn += bytes;
  }

  void out(long bytes) {
    bytesOut += bytes;
  }

  /** What the profiler saw. */
  void measured(long nanoseconds, long in, long out) {
    kernelTime += nanoseconds;
    measuredIn += in;
    measuredOut += out;
  }

  /** What the profiler saw beside kernels, in nanoseconds. */
  void spent(long compiling, long transfers) {
    compileTime += compiling;
    transferTime += transfers;
  }

  /** All of it, as far as it was measured. */
  DeviceProfile profile() {
    return new DeviceProfile(
        compileTime / 1e9, kernelTime / 1e9, transferTime / 1e9, launches, bytesIn, bytesOut);
  }

  long launches() {
    return launches;
  }

  long bytesIn() {
    return bytesIn;
  }

  long bytesOut() {
    return bytesOut;
  }

  /** The nanoseconds that the device was in kernels, while the profiler measured. */
  long kernelTime() {
    return kernelTime;
  }

  /**
   * The bytes that went to the device, by the profiler: with what TornadoVM puts in front of an
   * array, and what it sends for each launch.
   */
  long measuredIn() {
    return measuredIn;
  }

  /**
   * The bytes that came from the device, by the profiler: with what TornadoVM puts in front of an
   * array.
   */
  long measuredOut() {
    return measuredOut;
  }
}
