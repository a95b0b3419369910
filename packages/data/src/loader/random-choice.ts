import { KdError, randomSource } from '@kd/core';
import type { BatchTransform } from './mixing.ts';

/**
 * One of several transforms for each batch, each as likely: `randomChoice([mixup(), cutMix()])`.
 *
 * @throws {KdError} INVALID_ARGUMENT if there are none
 *
 * @example
 * import { cutMix, mixup, randomChoice } from '@kd/data';
 * console.log(randomChoice([mixup(), cutMix()]).config.type); // randomChoice
 */
export function randomChoice(transforms: readonly BatchTransform[]): BatchTransform {
  if (transforms.length === 0) {
    throw new KdError('INVALID_ARGUMENT', 'randomChoice: there are no transforms to choose from; pass at least one');
  }
  return {
    config: { type: 'randomChoice', transforms: transforms.map(({ config }) => config) },
    apply(batch, address) {
      const { seed, epoch, batch: id } = address;
      const choice = randomSource({ seed, stream: 'randomChoice', epoch, id }).below(transforms.length);
      return transforms[choice]!.apply(batch, address);
    },
  };
}
