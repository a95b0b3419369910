import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.ts';

const fieldsOf = (text: string): string[][] => parseCsv('a.csv', text).map(({ fields }) => fields);

describe('parseCsv', () => {
  it('reads the examples of RFC 4180', () => {
    expect(fieldsOf('aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n')).toEqual([
      ['aaa', 'bbb', 'ccc'],
      ['zzz', 'yyy', 'xxx'],
    ]);
    expect(fieldsOf('"aaa","b\r\nbb","ccc"\nzzz,yyy,xxx')).toEqual([
      ['aaa', 'b\r\nbb', 'ccc'],
      ['zzz', 'yyy', 'xxx'],
    ]);
    expect(fieldsOf('"aaa","b""bb","ccc"')).toEqual([['aaa', 'b"bb', 'ccc']]);
  });

  it('gives back what was written, whatever the fields hold', () => {
    const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
    const letters = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ü') });
    fc.assert(
      fc.property(fc.array(fc.array(letters, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (records) => {
        expect(fieldsOf(records.map((record) => record.map(quote).join(',')).join('\n'))).toEqual(records);
      }),
    );
  });

  it('tells lines, passes over empty ones and a byte order mark', () => {
    expect(parseCsv('a.csv', '\uFEFFx,y\n\n"1\n2",3\n4,5')).toEqual([
      { line: 1, fields: ['x', 'y'] },
      { line: 3, fields: ['1\n2', '3'] },
      { line: 5, fields: ['4', '5'] },
    ]);
  });

  it('refuses open quotes', () => {
    expect(() => fieldsOf('a\n"b\nc')).toThrow('a.csv: line 2: a quote is never closed');
    expect(() => fieldsOf('"a"b')).toThrow('a.csv: line 1: letters follow a closing quote');
  });
});
