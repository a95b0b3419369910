import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine, parseCsv } from './csv.ts';

it('writes lines as RFC 4180 has them', () => {
  expect(csvLine(['aaa', 'b"bb', 'c,c', 'd\r\nd', ''])).toBe('aaa,"b""bb","c,c","d\r\nd",\r\n');
});

it('reads what it wrote, whatever it is', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', 'é', '0') });
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (records) => {
      expect(parseCsv(records.map(csvLine).join(''))).toEqual(records);
    }),
  );
});

it('reads lines that end with LF alone', () => {
  expect(parseCsv('a,b\n1,"2\n3"\n')).toEqual([
    ['a', 'b'],
    ['1', '2\n3'],
  ]);
});

it('leaves out a record that breaks off', () => {
  expect(parseCsv('a,b\r\n1,2\r\n3,')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
  expect(parseCsv('a,b\r\n1,"2')).toEqual([['a', 'b']]);
});
