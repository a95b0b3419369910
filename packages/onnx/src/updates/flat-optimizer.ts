import { KdError, type NamedTensor } from '@kd/core';
import { allocateFlat, flatLayout } from './flat-memory.ts';
import { jsKernels } from './js-kernels.ts';
import type { Address, UpdateKernels } from './kernels.ts';
import { applyRule, slotsOf, type UpdateRule } from './rules.ts';
import { wasmKernels } from './wasm-kernels.ts';

/** One tensor that is trained. */
export interface FlatParameter {
  name: string;
  shape: readonly number[];
  /** What the learning rate is multiplied by. @default 1 */
  learningRateScale?: number;
  /** As the rule has it: AdamW's, or added to the gradient by SGD. @default 0 */
  weightDecay?: number;
}

export interface FlatOptimizerOptions {
  rule: UpdateRule;
  /** Longest gradient of all parameters together; longer ones are scaled down to it. @default none */
  maxGradientNorm?: number;
  /** Whether there is a moving average of the values. @default false */
  hasAverage?: boolean;
  /** The arithmetic. @default WebAssembly, else plain TypeScript */
  kernels?: (memory: WebAssembly.Memory) => UpdateKernels | undefined;
}

/**
 * Parameters, gradients and what an optimiser remembers, each as one flat array, updated in place: nothing is allocated
 * and nothing copied in a step. Views into the arrays stay valid as long as it lives.
 */
export interface FlatOptimizer {
  /** A parameter's values, in place. */
  values(name: string): Float32Array;
  /** Where its gradient is to be written before an update. */
  gradient(name: string): Float32Array;
  /** The moving average of a parameter's values, in place; zeros until somebody fills it. */
  average(name: string): Float32Array;
  /** Moves the averages to the values, whose share is `1 - decay`. */
  moveAverages(decay: number): void;
  /** Of the gradients that were written last: NaN or infinite if any of them is. @param only as for `update` */
  gradientNorm(only?: ReadonlySet<string>): number;
  /** Keeps the gradients: the next update goes along the mean of these, any others that are kept, and its own. */
  accumulate(): void;
  /**
   * One step along the gradients.
   *
   * @param only names of the parameters that have gradients; the others are left alone. @default all
   * @param own false leaves out the gradients that were written last: the step goes along those that are kept alone
   * @returns the norm of all gradients before clipping, if they are clipped
   */
  update(learningRate: number, only?: ReadonlySet<string>, own?: boolean): number | undefined;
  /** Everything it remembers, as copies: `<slot>/<parameter>` and `step/<parameter>`, as optimisers of @kd/train have it. */
  state(): NamedTensor[];
  /** Goes on from what `state` gave; zeros for what is not among it. */
  restore(state: readonly NamedTensor[]): void;
}

/** Neighbours that are updated alike, in one call. */
interface Range {
  offset: number;
  count: number;
  first: number;
}

/** @throws {KdError} INVALID_ARGUMENT if an option is out of range */
export function createFlatOptimizer(
  parameters: readonly FlatParameter[],
  options: FlatOptimizerOptions,
): FlatOptimizer {
  checkOptions(options);
  const { rule, maxGradientNorm, hasAverage } = options;
  const slots = slotsOf(rule);
  const sizes = parameters.map(({ shape }) => shape.reduce((size, each) => size * each, 1));
  const layout = flatLayout(sizes);
  // Memory that is never written, such as the sum without accumulation, is only set aside, not taken.
  const extras = ['sum', ...(hasAverage ? ['average'] : [])];
  const { memory, arrays } = allocateFlat(['value', 'gradient', ...slots, ...extras], layout.length);
  const kernels = (options.kernels ?? wasmKernels)(memory) ?? jsKernels(memory);
  const places = new Map(parameters.map(({ name }, i) => [name, i]));
  const steps = new Int32Array(parameters.length);
  let accumulated = 0;

  const addressOf = (array: string, offset: number): Address => arrays[array]!.byteOffset + 4 * offset;
  const viewOf = (array: string, name: string): Float32Array => {
    const place = places.get(name);
    if (place === undefined || !arrays[array]) {
      throw new KdError('NOT_FOUND', `flatOptimizer: there is no ${array} of '${name}'`, { array, name });
    }
    const offset = layout.offsets[place]!;
    return arrays[array].subarray(offset, offset + sizes[place]!);
  };

  /** Parameters next to each other with the same group and step count. */
  function ranges(only?: ReadonlySet<string>): Range[] {
    const found: (Range & { key: string })[] = [];
    parameters.forEach(({ name, learningRateScale, weightDecay }, i) => {
      const [offset, count] = [layout.offsets[i]!, layout.counts[i]!];
      if (count === 0 || (only && !only.has(name))) return;
      const key = `${learningRateScale} ${weightDecay} ${steps[i]}`;
      const last = found.at(-1);
      if (last?.key === key && last.offset + last.count === offset) last.count += count;
      else found.push({ offset, count, first: i, key });
    });
    return found;
  }

  function accumulate(): void {
    kernels.accumulate(addressOf('sum', 0), addressOf('gradient', 0), layout.length);
    accumulated += 1;
  }

  const copyOf = (array: string, { name, shape }: FlatParameter): NamedTensor & { data: Float32Array } => ({
    name,
    shape,
    data: viewOf(array, name).slice(),
  });

  return {
    values: (name) => viewOf('value', name),
    gradient: (name) => viewOf('gradient', name),
    average: (name) => viewOf('average', name),
    moveAverages(decay) {
      if (!(decay >= 0 && decay <= 1)) refuse('decay', 'in [0, 1]', decay);
      kernels.ema(addressOf('average', 0), addressOf('value', 0), layout.length, decay);
    },
    gradientNorm: (only) => Math.sqrt(sumOfSquares(ranges(only), 'gradient')),
    accumulate,
    update(learningRate, only, own = true) {
      if (accumulated > 0 && own) accumulate();
      const all = ranges(only);
      const [source, mean] = accumulated > 0 ? ['sum', 1 / accumulated] : ['gradient', 1];
      const norm = maxGradientNorm === undefined ? undefined : mean * Math.sqrt(sumOfSquares(all, source));
      const scale = mean * (norm !== undefined && norm > maxGradientNorm! ? maxGradientNorm! / norm : 1);
      for (const { offset, count, first } of all) {
        const { learningRateScale = 1, weightDecay = 0 } = parameters[first]!;
        applyRule(rule, {
          kernels,
          value: addressOf('value', offset),
          gradient: addressOf(source, offset),
          slots: slots.map((slot) => addressOf(slot, offset)),
          count,
          scale,
          learningRate: learningRate * learningRateScale,
          weightDecay,
          step: steps[first]! + 1,
        });
      }
      parameters.forEach(({ name }, i) => {
        if (!only || only.has(name)) steps[i]! += 1;
      });
      if (accumulated > 0) arrays.sum!.fill(0);
      accumulated = 0;
      return norm;
    },
    state() {
      const saved: NamedTensor[] = [];
      parameters.forEach((parameter, i) => {
        if (steps[i] === 0) return;
        for (const slot of slots) saved.push(prefixed(slot, copyOf(slot, parameter)));
        if (rule.name !== 'adam') return;
        saved.push({ name: `step/${parameter.name}`, shape: [1], data: Int32Array.of(steps[i]!) });
      });
      return saved;
    },
    restore(state) {
      for (const slot of slots) arrays[slot]!.fill(0);
      steps.fill(0);
      for (const { name: key, data } of state) {
        const cut = key.indexOf('/');
        const [slot, name] = [key.slice(0, cut), key.slice(cut + 1)];
        const place = places.get(name);
        if (place === undefined) continue; // of a parameter that is no longer trained
        if (slot === 'step') steps[place] = Number(data[0]);
        else if (slots.includes(slot)) restoreSlot(viewOf(slot, name), key, data as Float32Array);
        if (steps[place] === 0) steps[place] = 1; // a rule that counts no steps only needs to know that there were some
      }
    },
  };

  function sumOfSquares(all: readonly Range[], source: string): number {
    return all.reduce((sum, { offset, count }) => sum + kernels.sumOfSquares(addressOf(source, offset), count), 0);
  }
}

const prefixed = (slot: string, tensor: NamedTensor): NamedTensor => ({ ...tensor, name: `${slot}/${tensor.name}` });

function restoreSlot(target: Float32Array, key: string, data: Float32Array): void {
  if (data.length !== target.length) {
    throw new KdError(
      'MISMATCH',
      `flatOptimizer: the saved '${key}' has ${data.length} values, the parameter ${target.length}; the state is of ` +
        'another model',
      { key, saved: data.length, wanted: target.length },
    );
  }
  target.set(data);
}

function refuse(name: string, range: string, value: number): never {
  throw new KdError('INVALID_ARGUMENT', `flatOptimizer: ${name} must be ${range}, got ${value}`, { [name]: value });
}

function checkOptions({ rule, maxGradientNorm }: FlatOptimizerOptions): void {
  const share = (name: string, value: number): void => {
    if (!(value >= 0 && value < 1)) refuse(name, 'in [0, 1)', value);
  };
  if (rule.name === 'adam') {
    share('beta1', rule.beta1);
    share('beta2', rule.beta2);
    if (!(rule.epsilon > 0)) refuse('epsilon', '> 0', rule.epsilon);
  } else share('momentum', rule.momentum);
  if (maxGradientNorm !== undefined && !(maxGradientNorm > 0)) refuse('maxGradientNorm', '> 0', maxGradientNorm);
}
