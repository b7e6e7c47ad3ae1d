package aviary.cpu;

import aviary.agreement.GoldenSuite;

class CpuGoldenTest implements GoldenSuite {
  @Override
  public String device() {
    return "cpu";
  }
}
