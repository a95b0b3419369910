import { computeMetrics } from '@kd/metrics';
import { encodePng, html, page, scatterChart } from '@kd/train/report';
import { describe, expect, it } from 'vitest';
import sklearn from '../../packages/metrics/fixtures/sklearn.json' with { type: 'json' };

/** Every entry that is to run in a browser, as a user names it. */
const PORTABLE: Readonly<Record<string, () => Promise<object>>> = {
  '@kd/backend': () => import('@kd/backend'),
  '@kd/core': () => import('@kd/core'),
  '@kd/data': () => import('@kd/data'),
  '@kd/losses': () => import('@kd/losses'),
  '@kd/metrics': () => import('@kd/metrics'),
  '@kd/models': () => import('@kd/models'),
  '@kd/onnx': () => import('@kd/onnx'),
  '@kd/ops': () => import('@kd/ops'),
  '@kd/train': () => import('@kd/train'),
  '@kd/train/report': () => import('@kd/train/report'),
};

interface Manifest {
  name: string;
  exports: Readonly<Record<string, unknown>>;
}

describe('the portable entries', () => {
  it('are all that the packages have, but for those for Node', () => {
    const manifests = import.meta.glob<Manifest>('../../packages/*/package.json', { eager: true });
    const entries = Object.values(manifests).flatMap(({ name, exports }) =>
      Object.keys(exports)
        .filter((path) => path !== './node' && path !== './package.json')
        .map((path) => `${name}${path.slice(1)}`),
    );
    expect(entries.sort()).toEqual(Object.keys(PORTABLE));
  });

  it.each(Object.entries(PORTABLE))('%s can be imported', async (_, load) => {
    const entry = await load();
    expect(Object.keys(entry)).not.toEqual([]);
    expect(Object.values(entry)).not.toContain(undefined);
  });
});

describe('@kd/metrics', () => {
  it.each(sklearn.scores)("has scikit-learn's accuracy and F1: $name", ({ scores, labels, averages, accuracy }) => {
    const expected = averages.find((row) => row.classes === 'present' && row.zeroDivision === 0)!.expected.f1Score;
    const metrics = computeMetrics({ predictions: Float32Array.from(scores), labels });
    expect(metrics.accuracy).toBe(accuracy);
    expect(metrics.f1).toBeCloseTo(expected.macro, 14);
  });
});

describe('@kd/train/report', () => {
  it('makes pictures that the browser reads, pixel by pixel', async () => {
    const [width, height] = [23, 17];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251);
    const png = new Blob([Uint8Array.from(await encodePng({ data, width, height, channels: 3 }))], {
      type: 'image/png',
    });
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(await createImageBitmap(png, { colorSpaceConversion: 'none' }), 0, 0);
    const rgba = context.getImageData(0, 0, width, height).data;
    expect(rgba.filter((_, i) => i % 4 < 3)).toEqual(Uint8ClampedArray.from(data));
  });

  it('makes a page whose charts the browser draws, and that shows text as text', async () => {
    const style = { name: '<b>Student</b>', color: 'rgb(200, 0, 0)', shape: 'triangle' } as const;
    const points = [{ ...style, x: 19_090, y: 0.91, parts: [] }];
    const x = { label: 'parameters', format: String, formatTick: String };
    const y = { label: 'accuracy', format: String, formatTick: String, highest: 1 };
    const chart = scatterChart({ summary: 'One student.', points, x, y });
    const { markup } = page('A run', html`<h1>A run</h1>${chart}`);

    const frame = document.createElement('iframe');
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    frame.srcdoc = markup;
    document.body.append(frame);
    await loaded;
    const shown = frame.contentDocument!;
    expect(shown.title).toBe('A run');
    expect(shown.querySelectorAll('b, script, parsererror')).toHaveLength(0);
    const svg = shown.querySelector<SVGSVGElement>('svg.chart')!;
    expect(svg.textContent).toContain('<b>Student</b>');
    expect(svg.getBoundingClientRect().width).toBeGreaterThan(100);
    frame.remove();
  });
});
