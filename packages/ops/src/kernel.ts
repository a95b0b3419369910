import * as tf from '@tensorflow/tfjs-core';

/** True if the current backend has kernels of all these names. */
export function hasKernels(...names: string[]): boolean {
  return names.every((name) => tf.getKernel(name, tf.getBackend()) !== undefined);
}

/** Runs a kernel of the current backend; one output or several, they come as a list. */
export function runKernel(name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor[] {
  const outputs: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, inputs as never, attrs as never);
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** An op with a kernel of its own, forward and backward, as docs/kernels.md has them. */
export interface KernelOp<Input extends string> {
  /** Of the forward kernel; the backward one is called the same with `Grad` behind it. */
  name: string;
  inputs: Record<Input, tf.Tensor>;
  attrs?: object;
  /** Inputs that the backward kernel reads, in the order of its own inputs. */
  kept: readonly NoInfer<Input>[];
  /** Further outputs after the first, constants to autodiff. @default 0 */
  extras?: number;
  /** The forward kernel as TF.js operations: the output, the extras, and what `backward` gets as `saved`. */
  forward: () => tf.Tensor[];
  /** The backward kernel as TF.js operations: one gradient for each input. */
  backward: (dy: tf.Tensor, kept: tf.Tensor[], saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * Runs an op by its kernels where the current backend has both, else by TF.js operations.
 *
 * @returns the output and the extras
 */
export function runKernelOp<Input extends string>(op: KernelOp<Input>): tf.Tensor[] {
  const { name, inputs, attrs = {}, kept: keptNames, extras: extraCount = 0, forward, backward } = op;
  const names = Object.keys(inputs) as Input[];
  // Asked once: what one forward kernel saves, only its own backward kernel can read.
  const isFused = hasKernels(name, `${name}Grad`);
  let extras: tf.Tensor[] = [];
  const run = tf.customGrad((...args) => {
    const save = args.pop() as unknown as (tensors: tf.Tensor[]) => void;
    const [output, ...rest] = isFused ? runKernel(name, inputs, attrs) : forward();
    extras = rest.splice(0, extraCount).map((extra) => tf.keep(extra)); // customGrad would dispose of them
    save([...keptNames.map((each) => inputs[each]), ...rest]);
    return {
      value: output!,
      gradFunc: (dy: tf.Tensor, all: tf.Tensor[]) => {
        const [kept, saved] = [all.slice(0, keptNames.length), all.slice(keptNames.length)];
        if (!isFused) return backward(dy, kept, saved);
        const named = [...keptNames.map((each, i) => [each, kept[i]]), ...saved.map((each, i) => [`saved${i}`, each])];
        return runKernel(`${name}Grad`, { dy, ...Object.fromEntries(named) }, attrs);
      },
    };
  });
  const output = run(...names.map((each) => inputs[each]));
  const outputs = [output, ...extras.map((extra) => tf.clone(extra))]; // which the caller's tidy knows
  tf.dispose(extras);
  return outputs;
}
