import type { Goldens, LossUnderTest } from './loss-under-test.ts';

export const mapGoldens: Goldens = {};

export const mapSlips: Goldens = {};

export const mapLosses: readonly LossUnderTest[] = [];
