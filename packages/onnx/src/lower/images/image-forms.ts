import type { FormTable } from '../lowering.ts';
import { blockedDomain } from './convolve.ts';
import { imageShape } from './image-shape.ts';

/** Forms of activations: [batch, height, width, channels] images and per-channel vectors. */
export const activationForms: FormTable = {
  nchw: (emitter, value) => {
    const { batch, height, width, channels, pixels } = imageShape(value);
    if (emitter.has(value, 'blocked')) {
      return emitter.op(
        'ReorderOutput',
        [emitter.get(value, 'blocked')],
        { channels, channels_last: 0 },
        blockedDomain,
      );
    }
    const x = emitter.get(value, 'tf');
    return pixels === 1 || channels === 1
      ? emitter.reshape(x, [batch, channels, height, width])
      : emitter.transpose(x, [0, 3, 1, 2]);
  },

  blocked: (emitter, value) => {
    const { batch, channels, pixels } = imageShape(value);
    const lanes = emitter.padded(channels);
    if (pixels === 1) {
      const x = emitter.reshape(emitter.get(value, 'tf'), [batch, channels]);
      return emitter.reshape(emitter.pad(x, [0, 0], [0, lanes - channels]), [batch, lanes, 1, 1]);
    }
    // ReorderInput fills up lanes itself, but wants channels in fours.
    if (channels % 4 === 0) {
      return emitter.has(value, 'nchw')
        ? emitter.op('ReorderInput', [emitter.get(value, 'nchw')], {}, blockedDomain)
        : emitter.op('ReorderInput', [emitter.get(value, 'tf')], { channels_last: 1 }, blockedDomain);
    }
    const padded = emitter.pad(emitter.get(value, 'nchw'), [0, 0, 0, 0], [0, lanes - channels, 0, 0]);
    return emitter.op('ReorderInput', [padded], {}, blockedDomain);
  },

  tf: (emitter, value) => {
    if (emitter.has(value, 'vector')) {
      const channels = value.shape[0]!;
      const padded = emitter.get(value, 'vector');
      return emitter.padded(channels) === channels ? padded : emitter.slice(padded, 0, 0, channels);
    }
    const { batch, height, width, channels, pixels } = imageShape(value);
    if (emitter.has(value, 'blocked')) {
      return emitter.op(
        'ReorderOutput',
        [emitter.get(value, 'blocked')],
        { channels, channels_last: 1 },
        blockedDomain,
      );
    }
    const x = emitter.get(value, 'nchw');
    return pixels === 1 || channels === 1
      ? emitter.reshape(x, [batch, height, width, channels])
      : emitter.transpose(x, [0, 2, 3, 1]);
  },

  vector: (emitter, value) => {
    const channels = value.shape[0]!;
    return emitter.pad(emitter.get(value, 'tf'), [0], [emitter.padded(channels) - channels]);
  },
};
