/**
 * The kernels: small static methods that TornadoVM compiles for a device. They are plain arithmetic
 * on arrays; which array holds what, and how many work items run, is decided in {@code
 * aviary.tornado}.
 *
 * <p>What all of them have in common: activations are rows in one array, and a value is given by
 * where its first row begins and how far apart two rows are. The number of rows comes from {@link
 * aviary.tornado.kernels.PassTable}, the layer from an array of one number that the device counts
 * up itself: so a kernel is compiled once, whatever the prompt's length and the number of layers.
 * Work items behind the last do nothing. Each kernel says its grid.
 *
 * <p>Kernels of products stand here three times, for F32, F16 and Q8_0, since TornadoVM compiles a
 * kernel for the types of its arguments; what they have in common is in {@link
 * aviary.tornado.kernels.Results} and {@link aviary.tornado.kernels.Tiles}.
 */
package aviary.tornado.kernels;
