import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderRunReport } from '../report/run/render-run-report.ts';
import { sampleReport } from '../report/testing/sample-report.ts';

const executablePath = process.env.CHROMIUM_PATH || undefined; // vitest.config.ts has looked for it

let folder: string;
let browser: Browser | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-report-'));
  if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a page from disk; what it asks for and complains about goes into `events`. */
async function open(
  content: string,
  { width, dark }: { width: number; dark: boolean },
): Promise<{ page: Page; events: string[] }> {
  const file = join(folder, 'report.html');
  await writeFile(file, content);
  const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' });
  const events: string[] = [];
  page.on('console', (message) => events.push(message.text()));
  page.on('pageerror', (error) => events.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) events.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, events };
}

/** Elements that reach out of the window, and do not scroll inside of one that may. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const within = Array.from(document.querySelectorAll('main *')).filter(
      (element) => !element.closest('.scroll *, .hidden'),
    );
    return within
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .map((element) => `${element.tagName} ${element.textContent?.slice(0, 40)}`);
  });

/** Pairs of texts of a chart that lie over each other. */
const overlapping = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll('svg.chart')).flatMap((chart) => {
      const texts = Array.from(chart.querySelectorAll('text')).map((text) => ({
        text: text.textContent,
        box: text.getBoundingClientRect(),
      }));
      return texts.flatMap((a, i) =>
        texts.slice(i + 1).flatMap((b) => {
          const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          return width > 2 && height > 4 ? [`${a.text} / ${b.text}`] : []; // line boxes are taller than letters
        }),
      );
    }),
  );

const variants = [
  ['a usual run', {}],
  ['one epoch', { epochs: 1 }],
  ['long names', { className: (i: number) => `angular_leaf_spot_of_the_common_bean_${i}` }],
  ['many classes and epochs', { classes: 24, epochs: 90, samples: 240 }],
] as const;

describe.each(variants)('the report of %s in Chromium', (_, options) => {
  it.for([
    [1280, false],
    [1280, true],
    [390, false],
    [390, true],
  ] as const)('fits %d pixels, dark %s, without a word or a request', async ([width, dark], { skip }) => {
    if (!browser) return skip('there is no Chromium at CHROMIUM_PATH or on the PATH');
    const { page, events } = await open(await renderRunReport(await sampleReport(options), 12), { width, dark });
    expect(events).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await overflowing(page)).toEqual([]);
    expect(await overlapping(page)).toEqual([]);
    const red = await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)));
    expect(red < 64).toBe(dark);
    expect(
      await page.evaluate(() => Array.from(document.images).filter((image) => image.naturalWidth === 0).length),
    ).toBe(0);
    await page.close();
  });
});

it('can be used with the keyboard', async ({ skip }) => {
  if (!browser) return skip('there is no Chromium at CHROMIUM_PATH or on the PATH');
  const content = await renderRunReport(await sampleReport(), 12);
  const { page } = await open(content, { width: 390, dark: false });
  const reached: string[] = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(
      () => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? '',
    );
    if (reached.includes(at)) break;
    reached.push(at);
    if (at === 'All numbers of all epochs') await page.keyboard.press('Enter');
  }
  // Every table that scrolls, the folded one, and what it holds.
  expect(reached).toEqual(
    expect.arrayContaining(['Confusion matrix', 'All numbers of all epochs', 'Epoch by epoch', 'Settings']),
  );
  expect(await page.evaluate(() => document.querySelector('details')!.open)).toBe(true);
  await page.close();
});
