package aviary.tornado;

/** What an engine's passes cost: kernels launched, and bytes that went between host and device. */
final class DeviceCost {
  private long launches;
  private long bytesIn;
  private long bytesOut;

  void launched(int count) {
    launches += count;
  }

  void in(long bytes) {
    bytesIn += bytes;
  }

  void out(long bytes) {
    bytesOut += bytes;
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
}
