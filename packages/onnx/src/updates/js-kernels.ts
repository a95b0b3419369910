import type { UpdateKernels } from './kernels.ts';

const { abs, fround, sqrt } = Math;

/** Of what is so small that updates.wat takes it for 0. */
const [LEAST_MOMENT, LEAST_GRADIENT] = [2 ** -126, 2 ** -58];
const notBelow = (least: number, x: number): number => (abs(x) < least ? 0 : x);

/** `average += (1 - decay) (value - average)`, for arrays of equal length. */
export function moveAverage(average: Float32Array, values: Float32Array, decay: number): void {
  const rest = fround(1 - decay);
  for (let i = 0; i < average.length; i++) {
    average[i] = average[i]! + fround(fround(values[i]! - average[i]!) * rest);
  }
}

/**
 * The kernels in plain TypeScript: what updates.wat is tested against, bit for bit, and what runs where WebAssembly has
 * no SIMD. Doubles rounded after each operation are float32 arithmetic: +, -, *, / and sqrt have enough digits to spare.
 */
export function jsKernels(memory: WebAssembly.Memory): UpdateKernels {
  const view = (address: number, count: number) => new Float32Array(memory.buffer, address, count);
  return {
    sgd(value, gradient, count, parameters) {
      const [x, g] = [view(value, count), view(gradient, count)];
      const [scale, rate, decay] = [parameters.scale, parameters.rate, parameters.decay].map(fround) as Three;
      for (let i = 0; i < count; i++) {
        const slope = fround(fround(g[i]! * scale) + fround(x[i]! * decay));
        x[i] = x[i]! - fround(slope * rate);
      }
    },
    momentum(value, gradient, velocity, count, parameters) {
      const [x, g, v] = [view(value, count), view(gradient, count), view(velocity, count)];
      const [scale, rate, decay] = [parameters.scale, parameters.rate, parameters.decay].map(fround) as Three;
      const momentum = fround(parameters.momentum);
      for (let i = 0; i < count; i++) {
        const slope = fround(fround(g[i]! * scale) + fround(x[i]! * decay));
        const moved = notBelow(LEAST_MOMENT, fround(fround(v[i]! * momentum) + slope));
        const direction = parameters.nesterov ? fround(slope + fround(moved * momentum)) : moved;
        v[i] = moved;
        x[i] = x[i]! - fround(direction * rate);
      }
    },
    adam(value, gradient, firstMoment, secondMoment, count, parameters) {
      const [x, g] = [view(value, count), view(gradient, count)];
      const [m, v] = [view(firstMoment, count), view(secondMoment, count)];
      const [b1, c1] = [fround(parameters.beta1), fround(1 - parameters.beta1)];
      const [b2, c2] = [fround(parameters.beta2), fround(1 - parameters.beta2)];
      const [scale, rate, keep] = [parameters.scale, parameters.rate, parameters.keep].map(fround) as Three;
      const [root, epsilon] = [fround(parameters.root), fround(parameters.epsilon)];
      for (let i = 0; i < count; i++) {
        const slope = notBelow(LEAST_GRADIENT, fround(g[i]! * scale));
        const first = notBelow(LEAST_MOMENT, fround(fround(m[i]! * b1) + fround(slope * c1)));
        const second = notBelow(LEAST_MOMENT, fround(fround(v[i]! * b2) + fround(fround(slope * slope) * c2)));
        const denominator = fround(fround(fround(sqrt(second)) / root) + epsilon);
        m[i] = first;
        v[i] = second;
        x[i] = fround(x[i]! * keep) - fround(fround(first / denominator) * rate);
      }
    },
    ema(average, value, count, decay) {
      moveAverage(view(average, count), view(value, count), decay);
    },
    accumulate(sum, gradient, count) {
      const [s, g] = [view(sum, count), view(gradient, count)];
      for (let i = 0; i < count; i++) s[i] = s[i]! + g[i]!;
    },
    sumOfSquares(gradient, count) {
      const g = view(gradient, count);
      const sums = [0, 0, 0, 0] as [number, number, number, number]; // one for each lane of a vector
      for (let i = 0; i < count; i += 4) {
        sums[0] += g[i]! ** 2;
        sums[1] += g[i + 1]! ** 2;
        sums[2] += g[i + 2]! ** 2;
        sums[3] += g[i + 3]! ** 2;
      }
      return sums[0] + sums[2] + (sums[1] + sums[3]);
    },
  };
}

type Three = [number, number, number];
