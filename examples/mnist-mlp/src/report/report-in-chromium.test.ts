import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderReport } from './report.ts';
import { chromiumPath, screenshot } from './testing/chromium.ts';
import { sampleResults } from './testing/sample-results.ts';

const chromium = chromiumPath();

async function look(png: Buffer): Promise<{ width: number; height: number; colors: number; corner: number }> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const colors = new Set<number>();
  for (let i = 0; i + 2 < data.length; i += 3) colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
  return { width: info.width, height: info.height, colors: colors.size, corner: data[0]! };
}

describe('the report in Chromium', () => {
  it.for([
    ['light', false],
    ['dark', true],
  ] as const)('is not blank, %s', async ([, dark], { skip }) => {
    if (!chromium) return skip('there is no Chromium at CHROMIUM_PATH or on the PATH');
    const page = await renderReport(await sampleResults({ omitDigit: 3 }));
    const seen = await look(await screenshot(chromium, page, { width: 1000, height: 3000, dark }));
    expect([seen.width, seen.height]).toEqual([1000, 3000]);
    // A blank page has one; the pictures alone bring hundreds, grey and smoothed.
    expect(seen.colors).toBeGreaterThan(300);
    expect(seen.corner < 64).toBe(dark);
  });
});
