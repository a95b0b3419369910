import { type NamedVariable, namedVariables } from '@kd/ops';
import type { TrainOptions } from './train-options.ts';

/** Everything that training changes: the model's variables, statistics included, and the objective's own. */
export function trainedVariables({ model, objective }: Pick<TrainOptions, 'model' | 'objective'>): NamedVariable[] {
  return [...namedVariables(model), ...(objective.variables ?? [])];
}
