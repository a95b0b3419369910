import type { UpdateKernels } from './kernels.ts';
import { UPDATES_MODULE } from './updates-module.ts';

/** What updates.wat exports. */
interface Exports {
  sgd(value: number, g: number, n: number, scale: number, rate: number, decay: number): void;
  momentum(
    ...[value, g, velocity, n, scale, rate, momentum, decay, nesterov]: [...places: number[], nesterov: number]
  ): void;
  adam(...parameters: number[]): void;
  ema(average: number, value: number, n: number, rest: number): void;
  accumulate(sum: number, g: number, n: number): void;
  sumOfSquares(g: number, n: number): number;
}

/**
 * The kernels as WebAssembly over a memory.
 *
 * @returns undefined where the engine has no SIMD
 */
export function wasmKernels(memory: WebAssembly.Memory): UpdateKernels | undefined {
  const bytes = Uint8Array.from(atob(UPDATES_MODULE), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined;
  const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes), { kd: { memory } })
    .exports as never as Exports;
  return {
    sgd: (value, gradient, count, { scale, rate, decay }) => kernels.sgd(value, gradient, count, scale, rate, decay),
    momentum(value, gradient, velocity, count, { scale, rate, momentum, decay, nesterov }) {
      kernels.momentum(value, gradient, velocity, count, scale, rate, momentum, decay, Number(nesterov));
    },
    adam(value, gradient, first, second, count, { scale, beta1, beta2, root, epsilon, rate, keep }) {
      const factors = [beta1, 1 - beta1, beta2, 1 - beta2, root, epsilon, rate, keep];
      kernels.adam(value, gradient, first, second, count, scale, ...factors);
    },
    ema: (average, value, count, decay) => kernels.ema(average, value, count, 1 - decay),
    accumulate: kernels.accumulate,
    sumOfSquares: kernels.sumOfSquares,
  };
}
