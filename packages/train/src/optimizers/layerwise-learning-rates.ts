import { KdError } from '@kd/core';
import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { groupOf, type ParameterGroup } from './parameter-groups.ts';

export interface LayerwiseLearningRatesOptions {
  /** Groups that hold besides, the first that matches: `[NO_WEIGHT_DECAY]`. Their own rates are multiplied. @default none */
  groups?: readonly ParameterGroup[];
  /**
   * The block that a variable belongs to, by its name; undefined for what lies before the first block or behind the last.
   * @default up to the first number behind `layer.` or `layers.`: `encoder.layer.3`, `encoder.stages.0.layers.1`, `layer.7`
   */
  blockOf?: (name: string) => string | undefined;
}

/**
 * Parameter groups whose rates fall from the head to the input, for fine-tuning: what was learned first changes least.
 *
 * `learningRateScale = decay^(blocks + 1 - depth)`: depth 0 is all before the first block (embeddings, stem), depth i the i-th
 * block from 1 on, and `blocks + 1`, with the rate as it is, all behind the last one (final norm and head).
 *
 * Only the model's own trainable variables are in a group; connectors keep the rate as it is.
 *
 * @param decay in (0, 1]; BEiT fine-tunes with 0.65 (base) to 0.75, ELECTRA with 0.8 (base) and 0.9 (large)
 * @returns for `adamW({ groups })`, and for `adam` and `sgd`
 * @throws {KdError} INVALID_ARGUMENT if the decay is out of range or the model has no blocks
 *
 * Reference: Clark et al. 2020, "ELECTRA" (layerwise learning-rate decay); Bao et al. 2022, "BEiT", `LayerDecayValueAssigner` and
 * `get_num_layer_for_vit` of its code, whose depths these are for a ViT.
 *
 * @example
 * import { vit } from '@kd/models';
 * import { adamW, layerwiseLearningRates, NO_WEIGHT_DECAY } from '@kd/train';
 * const model = vit({ classNames: ['cat', 'dog'], imageSize: 16, patchSize: 8, hiddenSize: 8, numHiddenLayers: 2,
 *   numAttentionHeads: 2, intermediateSize: 16 });
 * const optimizer = adamW({ weightDecay: 0.05, groups: layerwiseLearningRates(model, 0.5, { groups: [NO_WEIGHT_DECAY] }) });
 * console.log(optimizer.settingsOf('embeddings/cls_token')); // { learningRateScale: 0.125, weightDecay: 0.05 }
 * console.log(optimizer.settingsOf('encoder.layer.1.mlp/output.dense/bias')); // { learningRateScale: 0.5, weightDecay: 0 }
 */
export function layerwiseLearningRates(
  model: LayersModel,
  decay: number,
  { groups = [], blockOf = numberedBlock }: LayerwiseLearningRatesOptions = {},
): ParameterGroup[] {
  if (!(decay > 0 && decay <= 1)) {
    throw new KdError('INVALID_ARGUMENT', `layerwiseLearningRates: decay must be in (0, 1], got ${decay}`, { decay });
  }
  const names = namedVariables(model).flatMap(({ name, trainable }) => (trainable ? [name] : []));
  const blocks = [...new Set(names.flatMap((name) => blockOf(name) ?? []))];
  if (blocks.length === 0) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `layerwiseLearningRates: no trainable variable of model '${model.name}' is in a numbered block, such as ${names[0]}; ` +
        'name its blocks with blockOf',
      { names },
    );
  }
  const first = names.findIndex((name) => blockOf(name) !== undefined);
  const depthOf = (name: string, place: number): number => {
    const block = blockOf(name);
    if (block !== undefined) return blocks.indexOf(block) + 1;
    return place < first ? 0 : blocks.length + 1;
  };

  const made = new Map<string, { scale: number; group: ParameterGroup | undefined; names: string[] }>();
  names.forEach((name, place) => {
    const depth = depthOf(name, place);
    const group = groupOf(groups, name);
    const key = `${depth} ${group ? groups.indexOf(group) : ''}`;
    const { learningRateScale = 1 } = group ?? {};
    const scale = learningRateScale * decay ** (blocks.length + 1 - depth);
    const members = made.get(key) ?? { scale, group, names: [] };
    members.names.push(name);
    made.set(key, members);
  });
  return [...made.values()].map(({ scale, group, names: members }) => ({
    names: members.map(exactly),
    learningRateScale: scale,
    ...(group?.weightDecay === undefined ? {} : { weightDecay: group.weightDecay }),
  }));
}

const numberedBlock = (name: string): string | undefined => /^(?:.*?[./])?layers?\.\d+(?=[./])/.exec(name)?.[0];

const exactly = (name: string): RegExp => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
