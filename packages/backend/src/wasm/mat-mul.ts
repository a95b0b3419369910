import type * as tf from '@tensorflow/tfjs-core';
import { createOwnMatMul, ownWay } from './own-mat-mul.ts';
import { isMatrix, outputShape, type Product, productOf } from './product.ts';
import { callKernel, replaceKernel, type WasmBackend } from './wasm-backend.ts';
import { swapIsCheaper, xnnpackMatMul } from './xnnpack-mat-mul.ts';

/**
 * Why: the backend's matMul has a fast path (XNNPACK) for plain operands only, and that packs its right operand once
 * for each new tensor. A transposed operand, which every dense layer's gradient has, falls to a naive loop, 15 times
 * slower; and weights are new tensors after each training step, so packing them costs as much as a product with 64 rows.
 *
 * What: float32 matrices go to a kernel of our own, which packs next to nothing; see mat-mul.wat. Same values, bit for
 * bit: it adds the products of one output in XNNPACK's order. Where it does not run (no SIMD, TF.js hides its memory,
 * fewer than 4 rows or 8 columns) XNNPACK multiplies, of `A B` and `(B' A')'` what is less to pack.
 */

// With fewer rows XNNPACK is faster than our kernel when it has packed the weights, which it does once, as in inference.
const PACKED_ROWS = 16;

/** Tells right operands that were there before from new ones, without keeping them alive. */
function createMemory(): (b: tf.TensorInfo) => boolean {
  const seen = new WeakSet<object>();
  return ({ dataId }) => {
    const before = seen.has(dataId);
    seen.add(dataId);
    return before;
  };
}

/**
 * Replaces `BatchMatMul` and `_FusedMatMul` of the WebAssembly backend.
 *
 * @returns undoes it
 */
export function repairMatMul(backend: WasmBackend): () => void {
  const own = createOwnMatMul(backend);
  let plain: tf.KernelFunc | undefined;
  const seenBefore = createMemory();
  /** Which kernel takes a product: ours, XNNPACK with its operands transposed, or XNNPACK as it is. */
  const chooseKernel = (current: tf.KernelBackend, product: Product, b: tf.TensorInfo): 'own' | 'xnnpack' | 'stock' => {
    const isPlain = !product.transposeA && !product.transposeB;
    const canOwn = own !== undefined && current === backend && ownWay(product) !== undefined;
    const isPacked = isPlain && (!canOwn || product.rows < PACKED_ROWS) && seenBefore(b);
    if (canOwn && !isPacked) return 'own';
    return isPlain && (isPacked || !swapIsCheaper(product)) ? 'stock' : 'xnnpack';
  };
  const undoMatMul = replaceKernel('BatchMatMul', (original) => {
    plain = original;
    return (call) => {
      const { a, b } = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
      if (!isMatrix(a) || !isMatrix(b)) return original!(call);
      const product = productOf(a, b, transposeA, transposeB);
      const current = call.backend as WasmBackend;
      const kernel = chooseKernel(current, product, b);
      if (kernel === 'stock') return original!(call);
      const result = kernel === 'own' ? own!(current, a, b, product) : xnnpackMatMul(current, original!, a, b, product);
      return { ...result, shape: outputShape(a, b, product) };
    };
  });
  const undoFused = replaceKernel('_FusedMatMul', (original) => (call) => {
    const inputs = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo };
    const { a, b, bias } = inputs;
    const attrs = call.attrs as unknown as { transposeA: boolean; transposeB: boolean; activation: string };
    if (!isMatrix(a) || !isMatrix(b) || attrs.activation !== 'linear') return original!(call);
    const product = productOf(a, b, attrs.transposeA, attrs.transposeB);
    const current = call.backend as WasmBackend;
    const kernel = chooseKernel(current, product, b);
    if (kernel === 'stock') return original!(call);
    const shape = outputShape(a, b, product);
    // XNNPACK adds the products to the bias; so does our kernel, where it can, for the same bits.
    if (
      kernel === 'own' &&
      bias?.shape.length === 1 &&
      bias.shape[0] === product.columns &&
      ownWay(product) === 'direct'
    ) {
      return { ...own!(current, a, b, product, bias), shape };
    }
    const multiplied = kernel === 'own' ? own!(current, a, b, product) : xnnpackMatMul(current, plain!, a, b, product);
    const result = { ...multiplied, shape };
    if (!bias) return result;
    const biased = callKernel(current, 'Add', { a: result, b: bias }, {});
    current.disposeData(result.dataId);
    return biased;
  });
  return () => {
    undoFused();
    undoMatMul();
  };
}
