import type { ImageArray } from '@kd/core';
import { resizeImage } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { describe, expect, it } from 'vitest';
import { inkDifference } from '../testing/ink-difference.ts';
import { readInk } from './read-ink.ts';

const SIDE = 28;
const { test } = await loadMnist();
const digit = test.get(0).image;

/** A gray picture as a file holds it, three times the same. */
const rgb = ({ data, shape }: ImageArray): ImageArray => ({
  data: Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!),
  shape: [shape[0]!, shape[1]!, 3],
});
const negative = ({ data, shape }: ImageArray): ImageArray => ({ data: data.map((value) => 255 - value), shape });

describe('readInk', () => {
  it('leaves a picture of the right size as it is, and inverts ink on paper', () => {
    expect(readInk(rgb(digit), SIDE)).toEqual(digit);
    expect(readInk(negative(rgb(digit)), SIDE)).toEqual(digit);
  });

  it('finds the digit on a photograph of paper, gray and noisy as that is', () => {
    const large = resizeImage(digit, { height: 140, width: 140, filter: 'bilinear' });
    const paper: ImageArray = {
      data: new Uint8Array(200 * 300).map((_, i) => 195 + ((i * 7919) % 11)),
      shape: [200, 300, 1],
    };
    for (const [i, ink] of large.data.entries()) {
      const at = (30 + Math.floor(i / 140)) * 300 + 110 + (i % 140);
      paper.data[at] = paper.data[at]! - (160 * ink) / 255;
    }
    const found = readInk(rgb(paper), SIDE)!;
    expect(inkDifference(found, digit)).toBeLessThan(0.6);
    expect(found.data[0]).toBe(0); // paper is no ink
  });

  it('is nothing where all is of one colour', () => {
    expect(readInk({ data: new Uint8Array(300).fill(77), shape: [10, 10, 3] }, SIDE)).toBeUndefined();
  });
});
