import { describe, expect, it } from 'vitest';
import fixture from '../../../fixtures/augment.json' with { type: 'json' };
import { RAND_AUGMENT_OPERATIONS } from './rand-augment.ts';

interface Space {
  bins: number;
  magnitude: number;
  size: [number, number];
  values: Record<string, [number, boolean]>;
}

describe('the operations of RandAugment', () => {
  it.each(fixture.randAugment as unknown as Space[])(
    'are those of torchvision at $magnitude of $bins for $size',
    (space) => {
      expect(Object.keys(RAND_AUGMENT_OPERATIONS)).toEqual(Object.keys(space.values));
      const strength = space.magnitude / (space.bins - 1);
      for (const [name, { amount, signed = false }] of Object.entries(RAND_AUGMENT_OPERATIONS)) {
        const [expected, expectedSigned] = space.values[name]!;
        expect(amount?.(strength, ...space.size) ?? 0, name).toBeCloseTo(expected, 4);
        expect(signed, name).toBe(expectedSigned);
      }
    },
  );
});
