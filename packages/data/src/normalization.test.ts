import { describe, expect, it } from 'vitest';
import { MNIST_NORMALIZATION, perChannel } from './normalization.ts';

describe('perChannel', () => {
  it('repeats one mean and std for every channel', () => {
    expect(perChannel(MNIST_NORMALIZATION, 3)).toEqual({
      mean: [0.1307, 0.1307, 0.1307],
      std: [0.3081, 0.3081, 0.3081],
    });
  });

  it('keeps those that are given for each', () => {
    const normalization = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] };
    expect(perChannel(normalization, 3)).toEqual(normalization);
  });

  it('changes nothing where none are given', () => {
    expect(perChannel(undefined, 1)).toEqual({ mean: [0], std: [1] });
  });
});
