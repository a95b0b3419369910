import { describe, expect, it } from 'vitest';
import { backends, useBackend } from './testing/backends.ts';
import { expectGolden, expectNotGolden, golden, goldenNames } from './testing/goldens.ts';
import { logitGoldens, logitSlips } from './testing/logit-losses.ts';
import { mapGoldens, mapSlips } from './testing/map-losses.ts';
import { relationGoldens, relationSlips } from './testing/relation-losses.ts';

const goldens = { ...logitGoldens, ...mapGoldens, ...relationGoldens };
const slips = { ...logitSlips, ...mapSlips, ...relationSlips };

/** Has two gradients and a memory: crd-loss.test.ts. */
const ELSEWHERE: readonly string[] = ['crd'];

it('has a loss for every golden', () => {
  const covered = [...Object.keys(goldens), ...Object.keys(slips), ...ELSEWHERE];
  expect(covered.sort()).toEqual([...goldenNames].sort());
});

describe.each(backends)('in value and gradient on %s', (backend) => {
  useBackend(backend);

  it.each(Object.entries(goldens))('is %s', async (name, loss) => {
    await expectGolden(loss, golden(name));
  });

  it.each(Object.entries(slips))('is not %s', async (name, loss) => {
    await expectNotGolden(loss, golden(name));
  });
});
