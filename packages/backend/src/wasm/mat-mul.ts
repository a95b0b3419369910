import type * as tf from '@tensorflow/tfjs-core';
import { addressOf, makeRoom, makeZeros } from './memory.ts';
import { ownKernels } from './own-kernels.ts';
import { isTiled, multiply } from './own-mat-mul.ts';
import { type Product, productOf } from './product.ts';
import { callKernel, replaceKernel, undoAll, type WasmBackend } from './wasm-backend.ts';
import { swapIsCheaper, xnnpackMatMul } from './xnnpack-mat-mul.ts';

/**
 * Why: the backend's matMul has a fast path (XNNPACK) for plain operands only, and that packs its right operand once
 * for each new tensor. A transposed operand, which every dense layer's gradient has, falls to a naive loop, 15 times
 * slower, and so do batches, as in attention; and weights are new tensors after each training step, so packing them
 * costs as much as a product with 64 rows.
 *
 * What: float32 matrices go to a kernel of our own, which packs next to nothing; see mat-mul.wat. Same values, bit for
 * bit: it adds the products of one output in XNNPACK's order. Where it does not run (no SIMD, TF.js hides its memory,
 * fewer than 4 rows or 8 columns) XNNPACK multiplies, of `A B` and `(B' A')'` what is less to pack.
 */

// With fewer rows XNNPACK is faster than our kernel when it has packed the weights, which it does once, as in
// inference.
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

const isEmpty = ({ rows, inner, columns }: Product): boolean => Math.min(rows, inner, columns) === 0;

/** By our kernel; the products of a batch one by one. */
function ownMatMul(
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  product: Product,
  bias?: tf.TensorInfo,
): tf.TensorInfo {
  const { rows, inner, columns, batch, batchA, batchB, outputShape } = product;
  const output = makeRoom(backend, outputShape);
  const [aAt, bAt, cAt] = [a, b, output].map((info) => addressOf(backend, info)) as [number, number, number];
  const products = Array.from({ length: batch }, (_, i) => ({
    ...product,
    a: aAt + (batchA === 1 ? 0 : 4 * i * rows * inner),
    b: bAt + (batchB === 1 ? 0 : 4 * i * inner * columns),
    c: cAt + 4 * i * rows * columns,
    bias: bias ? addressOf(backend, bias) : 0,
  }));
  multiply(backend, ownKernels(backend)!, products);
  return output;
}

/**
 * Replaces `BatchMatMul` and `_FusedMatMul` of the WebAssembly backend.
 *
 * @returns undoes it
 */
export function repairMatMul(): () => void {
  let plain: tf.KernelFunc | undefined;
  const seenBefore = createMemory();
  /** Which kernel takes a product: ours, XNNPACK with its operands transposed, or XNNPACK as it is. */
  const chooseKernel = (backend: WasmBackend, product: Product, b: tf.TensorInfo): 'own' | 'xnnpack' | 'stock' => {
    const canOwn = isTiled(product) && ownKernels(backend) !== undefined;
    if (product.batch > 1) return canOwn ? 'own' : 'stock';
    const isPlain = !product.transposeA && !product.transposeB;
    const isPacked = isPlain && (!canOwn || product.rows < PACKED_ROWS) && seenBefore(b);
    if (canOwn && !isPacked) return 'own';
    return isPlain && (isPacked || !swapIsCheaper(product)) ? 'stock' : 'xnnpack';
  };
  const undoMatMul = replaceKernel('BatchMatMul', (original) => {
    plain = original;
    return (call) => {
      const { a, b } = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
      const backend = call.backend as WasmBackend;
      const product = productOf(a, b, transposeA, transposeB);
      if (!product) return original!(call);
      if (isEmpty(product)) return makeZeros(backend, product.outputShape); // the stock kernel leaves what was there
      const kernel = chooseKernel(backend, product, b);
      if (kernel === 'stock') return original!(call);
      if (kernel === 'own') return ownMatMul(backend, a, b, product);
      return { ...xnnpackMatMul(backend, original!, a, b, product), shape: product.outputShape };
    };
  });
  const undoFused = replaceKernel('_FusedMatMul', (original) => (call) => {
    const inputs = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo };
    const { a, b, bias } = inputs;
    const attrs = call.attrs as unknown as { transposeA: boolean; transposeB: boolean; activation: string };
    const backend = call.backend as WasmBackend;
    const product = productOf(a, b, attrs.transposeA, attrs.transposeB);
    if (!product || isEmpty(product) || product.batch > 1 || attrs.activation !== 'linear') return original!(call);
    const kernel = chooseKernel(backend, product, b);
    if (kernel === 'stock') return original!(call);
    // XNNPACK adds the products to the bias; so does our kernel, where it can, for the same bits.
    const addsBias = kernel === 'own' && bias?.shape.length === 1 && bias.shape[0] === product.columns;
    const result =
      kernel === 'own'
        ? ownMatMul(backend, a, b, product, addsBias ? bias : undefined)
        : { ...xnnpackMatMul(backend, plain!, a, b, product), shape: product.outputShape };
    if (!bias || addsBias) return result;
    const biased = callKernel(backend, 'Add', { a: result, b: bias }, {});
    backend.disposeData(result.dataId);
    return biased;
  });
  return undoAll([undoMatMul, undoFused]);
}
