import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mobileNetV2, setPreprocessorConfig } from '@kd/models';
import { predict, savePretrained } from '@kd/models/node';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uncutExamples } from './doc-examples.ts';
import { copyPhotographs, missingPhotographs } from './lib/example-materials.ts';

const PAGE = 'docs/cookbook/in-the-browser.md';
const executablePath = process.env.CHROMIUM_PATH || undefined; // vitest.config.ts has looked for it
const missing = executablePath ? missingPhotographs : 'no Chromium';

/** Of the page: the block of this language. */
const block = (text: string, language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(?<code>[\\s\\S]*?)^\`\`\``, 'm').exec(text)!.groups!.code!;

describe.skipIf(missing)(`the page of ${PAGE}${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const classNames = ['angular_leaf_spot', 'bean_rust', 'healthy'];
  const student = mobileNetV2({ classNames, depthMultiplier: 0.35, imageSize: 96, initializerRange: 0.2, seed: 1 });
  let folder: string;
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kd page '));
    const half = [0.5, 0.5, 0.5];
    setPreprocessorConfig(student, {
      image_processor_type: 'MobileNetV2ImageProcessor',
      size: { shortest_edge: 128 },
      crop_size: { height: 96, width: 96 },
      image_mean: half,
      image_std: half,
    });
    await savePretrained(student, join(folder, 'student'));
    await copyPhotographs(join(folder, 'photographs'));
    const text = await readFile(new URL(`../${PAGE}`, import.meta.url), 'utf8');
    const { outputFiles } = await build({
      stdin: {
        contents: uncutExamples(PAGE, text)[0]!.code,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      target: 'es2022',
      conditions: ['@kd/source'],
      write: false,
      logLevel: 'silent',
    });
    const pages: Record<string, [type: string, content: string | Uint8Array]> = {
      '/': ['text/html', block(text, 'html')],
      '/app.js': ['text/javascript', outputFiles[0]!.contents],
    };
    server = createServer(async ({ url = '' }, response) => {
      const page = pages[url];
      if (page) return void response.writeHead(200, { 'Content-Type': page[0] }).end(page[1]);
      const content = await readFile(join(folder, url)).catch(() => undefined);
      response.writeHead(content ? 200 : 404).end(content);
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows what predict() says in Node about the same photograph', { timeout: 120_000 }, async () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = await browser.newPage();
    const events: string[] = [];
    page.on('pageerror', (error) => events.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) events.push(request.url());
    });
    await page.goto(origin);
    const photograph = join(folder, 'photographs', 'test', 'healthy');
    const [name] = await readdir(photograph);
    await page.locator('input:enabled').setInputFiles(join(photograph, name!), { timeout: 60_000 });
    await page.locator('output:not(:empty)').waitFor({ timeout: 60_000 });
    const shown = (await page.locator('output').textContent())!.split(', ');
    const expected = await predict(student, join(photograph, name!));
    expect(expected[0]!.score - expected[2]!.score).toBeGreaterThan(0.1); // else any answer would do
    expect(shown).toEqual(expected.map(({ label, score }) => `${label} ${(100 * score).toFixed(1)} %`));
    expect(events).toEqual([]);
  });
});
