import { KdError } from '@kd/core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * The same model with further outputs: those of layers by name, as feature losses want them. One forward pass gives the
 * model's own outputs and all of these; layers and variables are shared, nothing is copied.
 *
 * Save the model itself, not this one: taps are no part of a saved model.
 *
 * @param layers names such as `encoder.layer.11`, none twice, and none whose output the model has already
 * @returns a model whose outputs are those of `model`, then one for each name
 * @throws {KdError} NOT_FOUND if there is no layer of a name; INVALID_ARGUMENT if an output would come twice
 *
 * @example
 * import { mlp, withTaps } from '@kd/models';
 * const model = mlp({ hiddenSizes: [8, 4], classNames: ['cat', 'dog'] });
 * const tapped = withTaps(model, ['relu2']);
 * console.log(tapped.outputShape); // [ [ null, 2 ], [ null, 4 ] ]
 */
export function withTaps(model: tfl.LayersModel, layers: readonly string[]): tfl.LayersModel {
  const outputs = [...model.outputs];
  for (const name of layers) {
    const layer = model.layers.find((each) => each.name === name);
    if (!layer) {
      const names = model.layers.map((each) => each.name).join(', ');
      throw new KdError('NOT_FOUND', `withTaps: '${model.name}' has no layer '${name}', only ${names}`, { name });
    }
    const output = layer.output as tfl.SymbolicTensor;
    if (outputs.includes(output)) {
      throw new KdError('INVALID_ARGUMENT', `withTaps: '${name}' is an output of the model already`, { name });
    }
    outputs.push(output);
  }
  const tapped = tfl.model({ inputs: model.inputs, outputs, name: model.name });
  tapped.setUserDefinedMetadata(model.getUserDefinedMetadata() ?? {});
  return tapped;
}
