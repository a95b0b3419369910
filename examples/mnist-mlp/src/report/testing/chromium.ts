import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
];

/** Where Chromium is, or undefined: vitest.config.ts has looked for it. */
export function chromiumPath(): string | undefined {
  return process.env.CHROMIUM_PATH || undefined;
}

/** Opens a page from disk and takes a picture of it, PNG. */
export async function screenshot(
  chromium: string,
  page: string,
  { width, height, dark = false }: { width: number; height: number; dark?: boolean },
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'kd-report-'));
  try {
    const [file, image] = [join(folder, 'report.html'), join(folder, 'report.png')];
    await writeFile(file, page);
    const flags = [
      ...FLAGS,
      ...(dark ? ['--blink-settings=preferredColorScheme=0'] : []),
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${image}`,
    ];
    await promisify(execFile)(chromium, [...flags, pathToFileURL(file).href], { timeout: 50_000 });
    return await readFile(image);
  } finally {
    // Its helper processes may write for a moment longer.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
