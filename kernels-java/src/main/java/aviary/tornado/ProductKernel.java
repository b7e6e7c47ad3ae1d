package aviary.tornado;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatMulF16;
import aviary.tornado.kernels.MatMulQ8;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.MatVecF16;
import aviary.tornado.kernels.MatVecQ8;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which kernel does products: one row of activations and many have different kernels, and so have
 * the kinds of weights, as TornadoVM compiles a kernel for the types of its arguments.
 *
 * @param form which form of it
 * @param many whether for many rows of activations
 * @param weights the matrices
 */
record ProductKernel(Form form, boolean many, Matrices weights) {

  /** The work items of a group, of all of them; the plain form is for groups of any size. */
  int items() {
    return many ? MatMul.ITEMS : MatVec.ITEMS;
  }

  /** The rows of activations that a work item of the plain form takes. */
  int rows() {
    return many ? MatMul.ROWS : 1;
  }

  /** What tasks call it. */
  String name() {
    String name = many ? "matmul" : "matvec";
    return switch (weights) {
      case Matrices.F32 _ -> name;
      case Matrices.F16 _ -> name + "f16_";
      case Matrices.Q8 _ -> name + "q8_";
    };
  }

  /**
   * What all of them are given.
   *
   * @param pass a {@link aviary.tornado.kernels.PassTable}
   * @param layer the layer that runs
   * @param products a {@link aviary.tornado.kernels.ProductsTable}
   * @param columns those of each matrix, or 0 where only the table is to say
   * @param tiles a table of {@link aviary.tornado.kernels.Tiles}
   * @param values activations and results
   * @param vectors where the biases are
   */
  record Arguments(
      IntArray pass,
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors) {}

  /** Adds a task of that name. */
  void addTo(TaskGraph tasks, String name, KernelContext context, Arguments a) {
    switch (weights) {
      case Matrices.F32(FloatArray its) -> floats(tasks, name, context, a, its);
      case Matrices.F16(HalfFloatArray its) -> halves(tasks, name, context, a, its);
      case Matrices.Q8(Int8Array its, FloatArray scales) ->
          bytes(tasks, name, context, a, its, scales);
    }
  }

  private void floats(
      TaskGraph tasks, String name, KernelContext context, Arguments a, FloatArray weights) {
    if (form == Form.GROUPS) {
      if (many) {
        tasks.task(
            name,
            MatMul::inGroups,
            context,
            a.pass,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights);
      } else {
        tasks.task(
            name,
            MatVec::inGroups,
            context,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights);
      }
    } else if (many) {
      tasks.task(
          name,
          MatMul::plain,
          a.pass,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights);
    } else {
      tasks.task(
          name,
          MatVec::plain,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights);
    }
  }

  private void halves(
      TaskGraph tasks, String name, KernelContext context, Arguments a, HalfFloatArray weights) {
    if (form == Form.GROUPS) {
      if (many) {
        tasks.task(
            name,
            MatMulF16::inGroups,
            context,
            a.pass,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights);
      } else {
        tasks.task(
            name,
            MatVecF16::inGroups,
            context,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights);
      }
    } else if (many) {
      tasks.task(
          name,
          MatMulF16::plain,
          a.pass,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights);
    } else {
      tasks.task(
          name,
          MatVecF16::plain,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights);
    }
  }

  private void bytes(
      TaskGraph tasks,
      String name,
      KernelContext context,
      Arguments a,
      Int8Array weights,
      FloatArray scales) {
    if (form == Form.GROUPS) {
      if (many) {
        tasks.task(
            name,
            MatMulQ8::inGroups,
            context,
            a.pass,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights,
            scales);
      } else {
        tasks.task(
            name,
            MatVecQ8::inGroups,
            context,
            a.layer,
            a.products,
            a.columns,
            a.tiles,
            a.values,
            a.vectors,
            weights,
            scales);
      }
    } else if (many) {
      tasks.task(
          name,
          MatMulQ8::plain,
          a.pass,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights,
          scales);
    } else {
      tasks.task(
          name,
          MatVecQ8::plain,
          a.layer,
          a.products,
          a.columns,
          a.tiles,
          a.values,
          a.vectors,
          weights,
          scales);
    }
  }
}
