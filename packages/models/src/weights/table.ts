import { type NamedVariable, namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Layout } from './layouts.ts';

/** A tensor of Hugging Face's files. */
export interface FileTensor {
  name: string;
  layout: Layout;
}

/** Which tensor of the files a variable `layer/weight` is: the rule of an architecture, for both directions. */
export type NamingRule = (variable: string) => FileTensor;

/** A variable of a model and the tensor of the files that it is. */
export interface WeightEntry extends FileTensor {
  weight: NamedVariable;
}

/** Names and layouts of all variables of a model, in its order. */
export function weightTable(model: LayersModel, rule: NamingRule): WeightEntry[] {
  return namedVariables(model).map((weight) => ({ weight, ...rule(weight.name) }));
}

/** PyTorch's names of the weights of linear, convolution and normalisation layers. */
const NAMES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  depthwise_kernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** `layer` and PyTorch's name of the weight of a variable `layer/weight`. */
export function splitName(variable: string): { layer: string; weight: string; theirs: string } {
  const at = variable.lastIndexOf('/');
  const weight = variable.slice(at + 1);
  return { layer: variable.slice(0, at), weight, theirs: NAMES[weight] ?? weight };
}
