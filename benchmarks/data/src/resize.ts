/** Milliseconds to resize one RGB image, beside Pillow on the same core: pnpm --filter @kd-bench/data resize */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ResampleFilter, resizeImage } from '@kd/data';
import { formatTable } from '@kd-bench/common';

type ResizeCase = [height: number, width: number, toHeight: number, toWidth: number, filter: ResampleFilter];

const CASES: readonly ResizeCase[] = [
  [256, 256, 224, 224, 'bilinear'],
  [256, 341, 224, 224, 'bilinear'],
  [500, 500, 224, 224, 'bilinear'],
  [500, 500, 224, 224, 'bicubic'],
  [500, 500, 224, 224, 'lanczos'],
  [2000, 3000, 224, 224, 'bilinear'],
];

/** The best of 100: what it takes when nothing else is in the way. */
function bestOf([height, width, toHeight, toWidth, filter]: ResizeCase): number {
  const image = { data: randomFillSync(new Uint8Array(height * width * 3)), shape: [height, width, 3] };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100; round++) {
    const start = performance.now();
    resizeImage(image, { height: toHeight, width: toWidth, filter });
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function pillow(): { pillow: string; times: number[] } | undefined {
  const script = fileURLToPath(new URL('pillow_resize.py', import.meta.url));
  const input = JSON.stringify({ cases: CASES });
  const { status, stdout } = spawnSync(process.env.KD_PYTHON ?? 'python3', [script], { input, encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

const theirs = pillow();
const rows = CASES.map((row, index) => {
  const [height, width, toHeight, toWidth, filter] = row;
  const [ours, other] = [bestOf(row), theirs?.times[index]];
  const compared = other === undefined ? [] : [other.toFixed(2), (other / ours).toFixed(1)];
  return [`${height} x ${width}`, `${toHeight} x ${toWidth}`, filter, ours.toFixed(2), ...compared];
});
const python = theirs ? [`Pillow ${theirs.pillow}`, 'times as fast'] : [];
process.stdout.write(`${formatTable(['RGB image', 'to', 'filter', 'ms here', ...python], rows)}\n`);
if (!theirs) process.stdout.write('No Pillow: set KD_PYTHON to a Python that has it\n');
