import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type YamlFields, yamlLines } from './yaml.ts';

/** What is there after reading: fields that were left out are not. */
function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, kept(each)] as const);
  return Object.fromEntries(
    entries.filter(([, each]) => each !== undefined && !(Array.isArray(each) && each.length === 0)),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'no',
    'null',
    '~',
    '1e3',
    '0x1F',
    '2026-11-21',
    '- a',
    'a: b # c',
    '"\'',
    '\u2028',
    '\u0085',
    '🫘',
    '',
    ' a ',
  ),
);
const scalar = fc.oneof(text, fc.double({ noDefaultInfinity: true }), fc.boolean(), fc.integer());
const item = fc.dictionary(text, scalar, { minKeys: 1, maxKeys: 3 });
const fields = fc.dictionary(
  text,
  fc.oneof(
    scalar,
    item,
    fc.array(fc.oneof(scalar, item), { maxLength: 3 }),
    fc.dictionary(text, item, { minKeys: 1, maxKeys: 2 }),
  ),
  { minKeys: 1, maxKeys: 4 },
);

describe.each(['1.1', '1.2'] as const)('read by YAML %s', (version) => {
  it('is what was written', () => {
    fc.assert(
      fc.property(fields, (value) => {
        const read: unknown = parse(yamlLines(value as YamlFields).join('\n'), {
          version,
          schema: version === '1.1' ? 'yaml-1.1' : 'core',
        });
        expect(read ?? {}).toEqual(kept(value));
      }),
      { numRuns: 500 },
    );
  });
});
