import { describe, expect, it } from 'vitest';
import { expected } from '../testing/tables.ts';
import { inSplitOrder, splitOfName, splitsOfFiles } from './split-names.ts';

describe('splitsOfFiles', () => {
  it.each(expected.splits)('divides $paths as datasets does', ({ paths, splits }) => {
    expect(Object.fromEntries(splitsOfFiles(paths))).toEqual(splits);
  });

  it('orders splits, and their files', () => {
    const found = splitsOfFiles(['x/test/1.parquet', 'x/train/2.parquet', 'x/train/10.parquet', 'x/dev/1.parquet']);
    expect([...found.keys()]).toEqual(['train', 'validation', 'test']);
    expect(found.get('train')).toEqual(['x/train/10.parquet', 'x/train/2.parquet']);
    expect(inSplitOrder(['z', 'a', 'test', 'train'])).toEqual(['train', 'test', 'a', 'z']);
  });
});

it('splitOfName takes whole names only', () => {
  expect(['train', 'Val', 'evaluation', 'training', 'tests', 'trained'].map(splitOfName)).toEqual([
    'train',
    'validation',
    'test',
    'train',
    undefined,
    undefined,
  ]);
});
