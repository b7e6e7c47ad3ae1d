/**
 * The tornado backend: a model's {@link aviary.model.Program} as graphs of the kernels in {@code
 * aviary.tornado.kernels}, which TornadoVM compiles for OpenCL, PTX and SPIR-V devices.
 */
package aviary.tornado;
