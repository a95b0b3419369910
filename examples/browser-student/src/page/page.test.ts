import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMnist } from '@kd/data/node';
import { topPredictions } from '@kd/models';
import { fromPretrained, loadModel, predict } from '@kd/models/node';
import * as tf from '@tensorflow/tfjs-core';
import { type Browser, chromium, type Locator, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDigitsRun, makePhotographsRun } from '../testing/make-runs.ts';
import { servePage } from '../testing/serve-page.ts';
import { percent } from './format.ts';

const executablePath = process.env.CHROMIUM_PATH || undefined; // vitest.config.ts has looked for it
const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const [beans, backbone] = [join(shared, 'data', 'beans'), join(shared, 'models', 'vit-tiny-tinyimagenet')];
const leaf = join(beans, 'test', 'healthy', 'healthy_test.1.jpg');

let home: string;
let run: string;
let server: Awaited<ReturnType<typeof servePage>>;
let browser: Browser;

/** Opens the page; what it asks of others and complains about goes into `events`. */
async function open({ width = 1280, dark = false } = {}): Promise<{ page: Page; events: string[] }> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const events: string[] = [];
  page.on('console', (message) => events.push(message.text()));
  page.on('pageerror', (error) => events.push(error.message));
  page.on('request', (request) => {
    if (!new RegExp(`^(${server.url}|data:|blob:${server.url})`).test(request.url())) events.push(request.url());
  });
  page.on('requestfailed', (request) => events.push(`failed: ${request.url()}`));
  await page.goto(server.url);
  await measured(page);
  return { page, events };
}

/** Waits until both networks are loaded and timed. */
const measured = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => /\d ms/.test(document.querySelector('#facts tr:last-child td:last-child')?.textContent ?? ''),
    undefined,
    { timeout: 40_000 },
  );

/** Draws strokes, points of which are given as shares of the pad. */
async function draw(page: Page, strokes: readonly (readonly (readonly [number, number])[])[]): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click();
  const { x, y, width, height } = (await page.locator('#pad').boundingBox())!;
  for (const [start, ...points] of strokes) {
    await page.mouse.move(x + start![0] * width, y + start![1] * height);
    await page.mouse.down();
    for (const [right, down] of points) await page.mouse.move(x + right * width, y + down * height, { steps: 2 });
    await page.mouse.up();
  }
}

/** The texts of a row's cells, what is in one cell apart from each other. */
const cellsOf = (rows: Locator): Promise<string[][]> =>
  rows.evaluateAll((all) =>
    all.map((row) =>
      Array.from(row.children, (cell) => Array.from(cell.childNodes, (node) => node.textContent).join(' ')),
    ),
  );

/** The probabilities of a class as they are shown: the teacher's and the student's. */
async function shown(page: Page, name: string): Promise<string[]> {
  const rows = await cellsOf(page.locator('#classes tr'));
  return rows
    .find(([title]) => title === name)!
    .slice(1)
    .map((cell) => cell.trim());
}

const said = (page: Page, pattern: RegExp): Promise<unknown> =>
  page.waitForFunction(
    ([source]) => new RegExp(source!).test(document.querySelector('#status')!.textContent),
    [pattern.source],
    { timeout: 20_000 },
  );

/** Drops a file in the middle of the page. */
async function drop(page: Page, name: string, type: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ([fileName, fileType, base64]) => {
      const content = Uint8Array.from(atob(base64!), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], fileName!, { type: fileType! }));
      document.querySelector('main')!.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
    },
    [name, type, bytes.toString('base64')],
  );
}

const hasWebGpu = (page: Page): Promise<boolean> =>
  page.evaluate(async () =>
    Boolean(await (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu?.requestAdapter()),
  );

/** Drops a folder of the disk on an element, as the file manager does. */
async function dropFolder(page: Page, folder: string, target: string): Promise<void> {
  const { x, y, width, height } = (await page.locator(target).first().boundingBox())!;
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: x + width / 2,
      y: y + height / 2,
      data: { items: [], files: [folder], dragOperationsMask: 1 },
    });
  }
  await session.detach();
}

const circle = Array.from({ length: 17 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 16 - Math.PI / 2;
  return [0.5 + 0.2 * Math.cos(angle), 0.5 + 0.3 * Math.sin(angle)] as const;
});

describe.skipIf(!executablePath)(
  `the page in Chromium${executablePath ? '' : ' (skipped: there is none at CHROMIUM_PATH or on the PATH)'}`,
  { timeout: 90_000 },
  () => {
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'kd student '));
      run = join(home, 'digits');
      await makeDigitsRun(run);
      server = await servePage(['--run', 'digits', '--out', 'page'], home);
      browser = await chromium.launch({
        executablePath: executablePath!,
        args: [
          '--no-sandbox',
          '--use-angle=swiftshader',
          '--enable-unsafe-swiftshader',
          '--use-webgpu-adapter=swiftshader',
          '--enable-unsafe-webgpu',
        ],
      });
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it('shows sizes and times of both networks', async () => {
      const { page, events } = await open();
      const facts = await cellsOf(page.locator('#facts tr'));
      expect(facts.slice(0, 3)).toEqual([
        ['Network', 'MLP 784-256-10', 'MLP 784-64-10'],
        ['Parameters', '203,530 ', '50,890 4.0 × fewer'], // 784·256 + 256 + 256·10 + 10, 784·64 + 64 + 64·10 + 10
        ['Weights', '0.81 MB ', '0.20 MB 4.0 × smaller'],
      ]);
      for (const [role, parameters] of [
        ['teacher', 203_530],
        ['student', 50_890],
      ] as const) {
        expect((await stat(join(run, role, 'weights.bin'))).size).toBe(4 * parameters);
      }
      expect(facts[3]![0]).toBe('Latency');
      expect(facts[3]![1]).toMatch(/^\d+\.\d+ ms median of \d+, WebAssembly$/);
      expect(facts[3]![2]).toMatch(/^\d+\.\d+ ms \d+\.\d × (faster|slower)$/);
      expect(events).toEqual([]);
      await page.close();
    });

    it('could not ask another origin if it wanted to', async () => {
      const { page, events } = await open();
      const fetched = await page.evaluate(() =>
        fetch('https://example.org/').then(
          () => 'answered',
          () => 'refused',
        ),
      );
      expect(fetched).toBe('refused');
      expect(events.join()).toContain('Content Security Policy');
      await page.close();
    });

    it('recognises digits that are drawn with the mouse', async () => {
      const { page, events } = await open();
      const digits = {
        0: [circle],
        1: [
          [
            [0.52, 0.2],
            [0.5, 0.8],
          ],
        ],
        7: [
          [
            [0.3, 0.25],
            [0.7, 0.25],
            [0.45, 0.8],
          ],
        ],
      } as const;
      for (const [digit, strokes] of Object.entries(digits)) {
        await draw(page, strokes);
        await said(page, new RegExp(`^Both say ${digit}: teacher [\\d.]+ %, student [\\d.]+ %\\.$`));
      }
      await page.getByRole('button', { name: 'Clear' }).click();
      await said(page, /^$/);
      expect(events).toEqual([]);
      await page.close();
    });

    it('is used with the keyboard alone, and says of a test image what Node says', async () => {
      const { page, events } = await open();
      const reached: string[] = [];
      for (let i = 0; i < 12 && !reached.includes('test 1 label 2'); i++) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus');
        const box = await focused.evaluate((element) => {
          const ring = element.matches('.unseen') ? element.nextElementSibling! : element;
          return {
            name: element.ariaLabel ?? element.querySelector('img')?.alt ?? element.textContent,
            outline: getComputedStyle(ring).outlineStyle,
          };
        });
        expect(box.outline, box.name).toBe('solid');
        reached.push(box.name);
      }
      expect(reached).toContain('Pad to draw a digit on');
      await page.keyboard.press('Enter');
      await said(page, /says?/);
      const { test } = await loadMnist();
      for (const [column, role] of ['teacher', 'student'].entries()) {
        const model = await loadModel(join(run, role));
        const { mean, std } = (model.getUserDefinedMetadata() as { normalization: { mean: number; std: number } })
          .normalization;
        const pixels = Float32Array.from(test.get(1).image.data, (pixel) => (pixel / 255 - mean) / std);
        const logits = (model.apply(tf.tensor4d(pixels, [1, 28, 28, 1])) as tf.Tensor).dataSync();
        for (const { label, score } of topPredictions(logits, { classNames: '0123456789'.split(''), topK: 10 })) {
          expect((await shown(page, label))[column], `${role} of ${label}`).toBe(percent(score));
        }
      }

      await page.locator('#pad').focus();
      await page.keyboard.press('Escape');
      await said(page, /^$/);
      await page.keyboard.press(' ');
      for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press(' ');
      await said(page, /Both say 1/);
      expect(events).toEqual([]);
      await page.close();
    });

    it('shows at a higher temperature what the teacher ranks second', async () => {
      const { page } = await open();
      await page.getByRole('button', { name: 'test 0 label 7' }).click();
      await said(page, /7/);
      const largest = async (): Promise<number> =>
        Math.max(
          ...(await page.locator('#classes td[data-role="teacher"] .value').allTextContents()).map(Number.parseFloat),
        );
      const before = await largest();
      await page.getByLabel('Temperature').focus();
      await page.keyboard.press('End');
      await page.waitForFunction(() => document.querySelector('#temperature-value')!.textContent === '20');
      await page.waitForTimeout(50);
      expect(await largest()).toBeLessThan(before / 2);
      await page.close();
    });

    it.for([
      ['webgl', 'WebGL'],
      ['webgpu', 'WebGPU'],
    ] as const)('gives the same answers on %s', async ([backend, label], { skip }) => {
      const { page, events } = await open();
      if (backend === 'webgpu' && !(await hasWebGpu(page))) skip('this Chromium has no WebGPU adapter');
      await page.getByRole('button', { name: 'test 0 label 7' }).click();
      await said(page, /7/);
      const before = await page.locator('#classes .value').allTextContents();
      await page.getByLabel('Computed by').selectOption(backend);
      await page.waitForFunction((name) => document.querySelector('#facts')!.textContent.includes(name), label, {
        timeout: 60_000,
      });
      const after = await page.locator('#classes .value').allTextContents();
      expect(after.map(Number.parseFloat)).toEqual(before.map((text) => expect.closeTo(Number.parseFloat(text), 0)));
      expect(events.filter((event) => !/GPU stall|WebGL/.test(event))).toEqual([]);
      await page.close();
    });

    it('takes folders that are dropped: a run anywhere, a teacher on its column', async () => {
      const { page, events } = await open();
      const networks = async () => (await cellsOf(page.locator('#facts tr').first()))[0];
      const swapped = join(home, 'swapped');
      await cp(join(run, 'teacher'), join(swapped, 'student'), { recursive: true });
      await cp(join(run, 'student'), join(swapped, 'teacher'), { recursive: true });
      await dropFolder(page, swapped, '#status');
      await expect.poll(networks).toEqual(['Network', 'MLP 784-64-10', 'MLP 784-256-10']);
      await measured(page);
      await dropFolder(page, join(run, 'teacher'), 'th[data-role="teacher"]');
      await expect.poll(networks).toEqual(['Network', 'MLP 784-256-10', 'MLP 784-256-10']);
      expect(events).toEqual([]);
      await page.close();
    });

    it('takes a run of distill() and its teacher from the disk, and says of a photograph what Node says', async ({
      skip,
    }) => {
      if (!existsSync(beans) || !existsSync(backbone)) skip('needs the photographs and the ViT-Ti of ../shared');
      const leaves = join(home, 'leaves');
      await makePhotographsRun(leaves, beans, backbone);
      const { page, events } = await open();
      await page.locator('#run-folder').setInputFiles(join(leaves, 'run'));
      await page.waitForFunction(() => /MobileNetV2/.test(document.querySelector('#facts')!.textContent));
      await page.locator('#teacher-folder').setInputFiles(join(leaves, 'teacher'));
      await page.waitForFunction(() => /ViT 12 × 192/.test(document.querySelector('#facts')!.textContent));
      await measured(page);
      await drop(page, 'leaf.jpg', 'image/jpeg', await readFile(leaf));
      await said(page, /says?/);
      for (const [column, folder] of ['teacher', 'run/student'].entries()) {
        const predictions = await predict(await fromPretrained(join(leaves, folder)), leaf);
        for (const { label, score } of predictions) {
          const text = (await shown(page, label.replaceAll('_', ' ')))[column]!;
          // The same pixels and the same kernels: the last digit shown may fall on the other side.
          expect(Number.parseFloat(text), `${folder}: ${label}`).toBeCloseTo(100 * score, 0);
        }
      }
      expect(await page.locator('#seen-text').textContent()).toContain('224 × 224');
      expect(events).toEqual([]);
      await page.close();
    });

    it('tells in a sentence what is wrong with what it was given, and works on', async () => {
      const { page, events } = await open();
      const problem = page.getByRole('alert');
      await drop(page, 'notes.txt', 'text/plain', Buffer.from('a shopping list'));
      await problem.waitFor();
      expect(await problem.textContent()).toMatch(/^'notes\.txt' is no image: its 15 bytes begin with .*\.$/);
      await page.locator('#run-folder').setInputFiles(join(run, 'samples'));
      await page.waitForFunction(() => /no student/.test(document.querySelector('#error')!.textContent));
      const damaged = join(home, 'damaged');
      await makeDamaged(damaged);
      await page.locator('#run-folder').setInputFiles(damaged);
      await page.waitForFunction(() => /Cannot use the student/.test(document.querySelector('#error')!.textContent));
      expect(await problem.textContent()).toMatch(/^Cannot use the student: .*\.$/);
      await page.locator('#run-folder').setInputFiles(run);
      await page.waitForFunction(() => /MLP 784-64-10/.test(document.querySelector('#facts')!.textContent));
      expect(await problem.isHidden()).toBe(true);
      expect(events).toEqual([]);
      await page.close();
    });

    it.each([
      [1280, false],
      [390, false],
      [360, true],
    ])('fits %d pixels, dark %s', async (width, dark) => {
      const { page } = await open({ width, dark });
      await page.getByRole('button', { name: 'test 0 label 7' }).click();
      await said(page, /7/);
      const outside = await page.evaluate(() =>
        Array.from(document.querySelectorAll('body *:not(.unseen)'))
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
          .map((element) => element.outerHTML.slice(0, 80)),
      );
      expect(outside).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const red = await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)));
      expect(red < 64).toBe(dark);
      // The answer is in sight while one draws.
      const answer = (await page.locator('#status').boundingBox())!;
      expect(answer.y + answer.height).toBeLessThanOrEqual(900);
      await page.close();
    });
  },
);

/** A student whose weights were cut off. */
async function makeDamaged(folder: string): Promise<void> {
  await mkdir(join(folder, 'student'), { recursive: true });
  await writeFile(join(folder, 'student', 'model.json'), await readFile(join(run, 'student', 'model.json')));
  const weights = await readFile(join(run, 'student', 'weights.bin'));
  await writeFile(join(folder, 'student', 'weights.bin'), weights.subarray(0, 1000));
}
