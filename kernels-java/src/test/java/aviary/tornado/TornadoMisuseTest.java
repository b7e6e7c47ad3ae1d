package aviary.tornado;

import aviary.agreement.MisuseAgreement;

/** Wrong calls of engines on the device that tests run on. */
class TornadoMisuseTest implements MisuseAgreement {
  @Override
  public String device() {
    return OneKernel.DEVICE;
  }
}
