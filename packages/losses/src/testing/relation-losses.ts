import type { Goldens, LossUnderTest } from './loss-under-test.ts';

export const relationGoldens: Goldens = {};

export const relationSlips: Goldens = {};

export const relationLosses: readonly LossUnderTest[] = [];
