import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listLeftovers, writeFileAtomic, writeFolderAtomic } from './atomic-file.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, rename: vi.fn(real.rename) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd atomic '));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeFileAtomic', () => {
  it('makes folders and replaces content, leaving nothing beside it', async () => {
    const path = join(folder, 'a', 'b.json');
    await writeFileAtomic(path, 'old');
    await writeFileAtomic(path, Uint8Array.of(110, 101, 119));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'a'))).toEqual(['b.json']);
  });

  it('keeps the old file when writing fails', async () => {
    const path = join(folder, 'b.json');
    await writeFileAtomic(path, 'old');
    await expect(writeFileAtomic(path, {} as never)).rejects.toThrow();
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['b.json']);
  });
});

describe('writeFolderAtomic', () => {
  it('replaces a folder whole', async () => {
    const path = join(folder, 'student');
    await writeFolderAtomic(path, { 'a.txt': 'a', 'b.txt': 'b' });
    await writeFolderAtomic(path, { 'c.txt': 'c' });
    expect(await readdir(path)).toEqual(['c.txt']);
    expect(await readdir(folder)).toEqual(['student']);
  });

  it('keeps the old folder when one of the files cannot be written', async () => {
    const path = join(folder, 'student');
    await writeFolderAtomic(path, { 'a.txt': 'a' });
    await expect(writeFolderAtomic(path, { 'a.txt': 'new', 'x/y.txt': 'y' })).rejects.toThrow('ENOENT');
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a');
    expect(await readdir(folder)).toEqual(['student']);
  });

  it('puts the old folder back when the new one cannot take its place', async () => {
    const path = join(folder, 'student');
    await writeFolderAtomic(path, { 'a.txt': 'a' });
    const move = vi.mocked(rename).getMockImplementation()!;
    let calls = 0;
    vi.mocked(rename).mockImplementation(async (from, to) => {
      calls += 1;
      if (calls === 2) throw new Error('EPERM'); // as a virus scanner on Windows may make it
      await move(from, to);
    });
    await expect(writeFolderAtomic(path, { 'a.txt': 'new' })).rejects.toThrow('EPERM');
    vi.mocked(rename).mockImplementation(move);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a');
    expect(await readdir(folder)).toEqual(['student']);
  });

  it('does not follow a file that stands in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeFolderAtomic(join(folder, 'file', 'student'), {})).rejects.toThrow();
  });
});

describe('listLeftovers', () => {
  it('finds what writes under way have beside their targets, and nothing else', async () => {
    await writeFileAtomic(join(folder, 'whole.json'), '{}');
    await writeFile(join(folder, '.hidden'), '');
    async function* slow() {
      yield Uint8Array.of(1);
      const found = await listLeftovers(folder);
      expect(found.map(({ target }) => target)).toEqual(['b.json']);
      expect(await readFile(found[0]!.path)).toHaveLength(1);
      expect(found[0]!.age).toBeLessThan(60);
    }
    await writeFileAtomic(join(folder, 'b.json'), slow());
    const files = {
      'a.txt': (async function* () {
        expect((await listLeftovers(folder)).map(({ target }) => target)).toEqual(['checkpoint-3']);
        yield Uint8Array.of(1);
      })(),
    };
    await writeFolderAtomic(join(folder, 'checkpoint-3'), files);
    expect(await listLeftovers(folder)).toEqual([]);
    expect(await listLeftovers(join(folder, 'none'))).toEqual([]);
  });
});
