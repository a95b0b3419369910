import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchors, brokenLinks, links } from './lib/markdown-links.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

it('every relative link in the documentation leads somewhere', () => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\0').filter((file) => file && !/(^|\/)(fixtures|\.changeset)\//.test(file));
  expect(files).toContain('README.md');
  expect(files.flatMap((file) => brokenLinks(root, file))).toEqual([]);
});

it('every page of docs/ is in its index', () => {
  const indexes = ['README.md', 'decisions/README.md'];
  const named = indexes.flatMap((index) =>
    links(readFileSync(join(root, 'docs', index), 'utf8')).map(({ target }) =>
      posix.join(posix.dirname(index), target),
    ),
  );
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && path !== 'README.md');
  expect(pages.filter((page) => !named.includes(page))).toEqual([]);
});

describe('the check itself', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kd links '));
    mkdirSync(join(folder, 'docs', 'more'), { recursive: true });
    writeFileSync(join(folder, 'docs', 'more', 'README.md'), '# More\n\n## What `it` is, and why\n\n## A\n\n## A\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const broken = (text: string): string[] => {
    writeFileSync(join(folder, 'docs', 'page.md'), text);
    return brokenLinks(folder, 'docs/page.md');
  };

  it('finds links that lead nowhere', () => {
    expect(broken('[a](more)\n\n[b](../docs/less)')).toEqual(['docs/page.md:3: ../docs/less: there is no such file']);
    expect(broken('![picture](more/a.png "title")')).toEqual(['docs/page.md:1: more/a.png: there is no such file']);
    expect(broken('[a](more#how)')).toEqual(['docs/page.md:1: more#how: there is no such heading']);
    expect(broken('# Here\n\n[a](#here) and [b](#there)')).toEqual([
      'docs/page.md:3: #there: there is no such heading',
    ]);
  });

  it('follows those that lead somewhere', () => {
    expect(
      broken('[a](more/README.md) [b](more#what-it-is-and-why) [c](more#a-1) [d](https://example.org/nothing)'),
    ).toEqual([]);
  });

  it('does not take code for links or headings', () => {
    expect(links('`[a](b)`\n\n```md\n[c](d)\n```\n\n[`e`](f)')).toEqual([{ line: 7, target: 'f' }]);
    expect([...anchors('# One\n\n```sh\n# two\n```\n')]).toEqual(['one']);
  });

  it('names headings as GitHub does', () => {
    const text = '# The *size* of gradients\n\n# `a.b()` → c_d\n\n# [Link](https://example.org), too!\n';
    expect([...anchors(text)]).toEqual(['the-size-of-gradients', 'ab--c_d', 'link-too']);
  });
});
