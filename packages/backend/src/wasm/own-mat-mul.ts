import { withScratch } from './memory.ts';
import type { OwnKernels } from './own-kernels.ts';
import type { WasmBackend } from './wasm-backend.ts';

// What the kernel needs beside its operands: as in mat-mul.wat.
const SCRATCH = 64 + 8 * 256;

/** True for a product of at least one tile of mat-mul.wat. */
export const isTiled = ({ rows, columns }: { rows: number; columns: number }): boolean => rows >= 4 && columns >= 8;

/** A product `C = A B (+ bias)` of row-major matrices by address; a transposed operand is stored the other way. */
interface OwnProduct {
  rows: number;
  inner: number;
  columns: number;
  a: number;
  b: number;
  c: number;
  transposeA?: boolean;
  transposeB?: boolean;
  /** [columns]. */
  bias?: number;
  /** Adds to what is in C. */
  goOn?: boolean;
}

/** Multiplies some matrices by our kernel, mat-mul.wat. They must be `isTiled`, with `inner` >= 1. */
export function multiply(backend: WasmBackend, kernels: OwnKernels, products: Iterable<OwnProduct>): void {
  withScratch(backend, [SCRATCH], ([scratch]) => {
    for (const { rows, inner, columns, a, b, c, transposeA, transposeB, bias = 0, goOn = false } of products) {
      const aSteps = transposeA ? [4, 4 * rows] : [4 * inner, 4];
      const bSteps = transposeB ? [4, 4 * inner] : [4 * columns, 4];
      kernels.matMul(a, b, c, bias, scratch!, rows, columns, inner, ...aSteps, ...bSteps, Number(goOn));
    }
  });
}
