/**
 * The cpu backend: the kernels in the Vector API, on threads of its own. {@link
 * aviary.cpu.CpuProgram} turns a program into steps, {@link aviary.cpu.CpuStage} runs them on the
 * threads of a {@link aviary.cpu.WorkerPool}, and each kernel is a file: {@link aviary.cpu.Matrix},
 * {@link aviary.cpu.ManyRows} and {@link aviary.cpu.LowRankUp} for products, {@link
 * aviary.cpu.WkvKernel}, {@link aviary.cpu.Norms}, {@link aviary.cpu.Elementwise}. Their oracle is
 * {@link aviary.reference.ReferenceOps}.
 */
package aviary.cpu;
