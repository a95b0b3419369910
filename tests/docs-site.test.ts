import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDocs, entries } from '../scripts/lib/build-docs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the API reference', () => {
  let site: string;
  let problems: string[];
  beforeAll(async () => {
    site = mkdtempSync(join(tmpdir(), 'kd docs '));
    problems = await buildDocs(root, site);
  }, 240_000);
  afterAll(() => rmSync(site, { recursive: true }));

  const text = (page: string): string => readFileSync(join(site, page), 'utf8').replaceAll('<wbr/>', '');

  it('is built without a warning', () => expect(problems).toEqual([]));

  it('begins with the README, and has all entries and pages', () => {
    expect(text('index.html')).toContain('Knowledge distillation for image classification');
    const overview = text('modules.html');
    for (const { specifier } of entries(root)) expect(overview).toContain(specifier);
    expect(existsSync(join(site, 'documents', 'Numerics.html'))).toBe(true);
  });

  it.each(entries(root))('has all that $specifier exports, and its README', async ({ specifier, readme }) => {
    const page = text(`modules/${specifier.replace(/\W/g, '_')}.html`);
    const names = Object.keys(await import(/* @vite-ignore */ specifier));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !page.includes(`>${name}<`))).toEqual([]);
    const [, words = ''] = readme ? /\n\n(\S+ \S+ \S+)/.exec(readFileSync(readme, 'utf8'))! : [];
    expect(page.includes(words), `begins with '${words}'`).toBe(true);
  });

  it('has no link to nowhere', () => {
    const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
    expect(pages.length).toBeGreaterThan(500);
    const ids = new Map<string, Set<string>>();
    const idsOf = (path: string): Set<string> => {
      const known = ids.get(path) ?? new Set([...text(path).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!));
      ids.set(path, known);
      return known;
    };
    const broken = pages.flatMap((page) => {
      const targets = new Set([...text(page).matchAll(/ href="([^"]*)"/g)].map(([, href]) => href!));
      return [...targets].filter((href) => {
        if (/^[a-z]+:/.test(href)) return false;
        const [path = '', anchor] = href.replace(/\?[^#]*/, '').split('#') as [string, string?];
        const place = path ? relative(site, join(site, dirname(page), decodeURIComponent(path))) : page;
        if (!existsSync(join(site, place))) return true;
        return Boolean(anchor) && place.endsWith('.html') && !idsOf(place).has(decodeURIComponent(anchor!));
      });
    });
    expect(broken).toEqual([]);
  });
});
