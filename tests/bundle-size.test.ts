import { describe, expect, it } from 'vitest';
import { bundle, bundleEachExport } from '../scripts/lib/bundle.mjs';
import { BUDGETS } from '../scripts/lib/size-budgets.mjs';

describe.each(Object.entries(BUDGETS))('importing from %s', async (packageName, { each, exports }) => {
  const bundles = await bundleEachExport(packageName);
  const names = bundles.map(({ name }) => name);

  it('leaves nothing behind when nothing is used', async () => {
    expect((await bundle(`import '${packageName}';`)).text).toBe('');
    expect((await bundle(`import { ${names.join(', ')} } from '${packageName}';`)).text).toBe('');
  });

  it('has budgets for what is exported', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(exports)));
  });

  describe.each(bundles)('$name', ({ name, text, bytes }) => {
    const { bytes: budget = each, brings = [] } = exports[name] ?? {};

    it(`adds no more than ${budget} bytes`, () => {
      expect(bytes, `npm run size shows all; budgets are in scripts/lib/size-budgets.mjs`).toBeLessThanOrEqual(budget);
    });

    // Functions hand their name on to the checks, whose errors start with it.
    it('brings no other export but those it is made of', () => {
      const others = names.filter((other) => other !== name);
      expect(others.filter((other) => text.includes(`"${other}"`))).toEqual(brings);
    });
  });
});
