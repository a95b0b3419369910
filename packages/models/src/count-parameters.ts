import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The number of parameters as papers and PyTorch count them: frozen ones too, but no running statistics of batch-norm,
 * which `model.countParams()` counts.
 *
 * @example
 * import { countParameters, mlp } from '@kd/models';
 * const model = mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'], batchNorm: true });
 * console.log(countParameters(model), model.countParams()); // 6314 6330
 */
export function countParameters(model: LayersModel): number {
  return namedVariables(model)
    .filter(({ name }) => !/\/moving_(mean|variance)$/.test(name))
    .reduce((sum, { variable }) => sum + variable.size, 0);
}
