package aviary.tornado;

import java.lang.reflect.Method;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * What matters of a device.
 *
 * @param memory all of it, in bytes
 * @param allocation the largest single array, in bytes
 * @param halves whether its kernels can have 16-bit floats
 * @param form which kernels it gets, where there are two forms
 * @param few the work items of a group, where each item has much to do
 * @param sizesInText whether kernels have the sizes of what they work on in their text, and are
 *     compiled for each
 */
record DeviceTraits(
    long memory, long allocation, boolean halves, Form form, int few, boolean sizesInText) {

  /** So few that all cores have some. */
  private static final int FEW = 4;

  /** What TornadoVM compiles kernels of FPGAs for. */
  private static final int FEW_ON_FPGA = 64;

  /** The two forms of a kernel. */
  enum Form {
    /** Work-groups with local memory. */
    GROUPS,
    /** Work items that need nothing of each other. */
    PLAIN
  }

  /**
   * Those of a device. A GPU gets work-groups. All others get plain kernels: a processor's compiler
   * makes vectors of these, which it does not of work-groups with barriers, and compilers for FPGAs
   * pipeline them. So does a GPU through SPIR-V: of the work-groups of {@link
   * aviary.tornado.kernels.MatVec} with 320 or 1024 columns TornadoVM makes no valid module.
   */
  static DeviceTraits of(TornadoDevice device) {
    boolean spirv = device.getTornadoVMBackend() == TornadoVMBackendType.SPIRV;
    boolean gpu = device.getDeviceType() == TornadoDeviceType.GPU;
    return new DeviceTraits(
        device.getMaxGlobalMemory(),
        device.getMaxAllocMemory(),
        hasHalves(device),
        gpu && !spirv ? Form.GROUPS : Form.PLAIN,
        isFpga(device) ? FEW_ON_FPGA : FEW,
        spirv);
  }

  /** A size as kernels' argument: 0 where they are to take it from a table. */
  int inText(int size) {
    return sizesInText ? size : 0;
  }

  /** OpenCL's type for FPGAs is that of accelerators. */
  private static boolean isFpga(TornadoDevice device) {
    return device.getDeviceType() == TornadoDeviceType.FPGA
        || device.getDeviceType() == TornadoDeviceType.ACCELERATOR;
  }

  /** The same with the other kernels. */
  DeviceTraits with(Form other) {
    return new DeviceTraits(memory, allocation, halves, other, few, sizesInText);
  }

  /** All of NVIDIA's that TornadoVM drives have them; others say so in the list of extensions. */
  private static boolean hasHalves(TornadoDevice device) {
    TornadoVMBackendType backend = device.getTornadoVMBackend();
    return backend == TornadoVMBackendType.PTX
        || backend == TornadoVMBackendType.CUDA
        || extensions(device.getPhysicalDevice()).contains("cl_khr_fp16");
  }

  /**
   * The extensions of an OpenCL or SPIR-V device. TornadoVM's interface has no way to ask; the
   * drivers' own classes have.
   */
  private static String extensions(Object physical) {
    try {
      for (Method method : physical.getClass().getMethods()) {
        if (method.getName().equals("getDeviceExtensions")) {
          return (String) method.invoke(physical);
        }
      }
      return "";
    } catch (ReflectiveOperationException e) {
      return "";
    }
  }
}
