/**
 * The cpu backend: the kernels in the Vector API, on threads of its own. {@link
 * aviary.cpu.CpuEngine} turns a program into steps, {@link aviary.cpu.Team} runs them, and each
 * kernel is a file: {@link aviary.cpu.Matrix} and {@link aviary.cpu.ManyRows} for products, {@link
 * aviary.cpu.WkvKernel}, {@link aviary.cpu.Norms}, {@link aviary.cpu.Elementwise}. Their oracle is
 * {@link aviary.reference.ReferenceOps}.
 */
package aviary.cpu;
