import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle, bundleEachExport } from '../scripts/lib/bundle.mjs';
import { entries } from '../scripts/lib/package/entry-imports.mjs';
import { root } from '../scripts/lib/root.mjs';
import { BUDGETS } from '../scripts/lib/size-budgets.mjs';

it('every portable entry has a budget', () => {
  const manifests = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'package.json'));
  const portable = manifests.filter(existsSync).flatMap((path) => {
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    return entries(manifest).flatMap((entry) => (entry.portable ? [join(manifest.name, entry.name)] : []));
  });
  expect(Object.keys(BUDGETS).sort()).toEqual(portable.map((name) => name.replaceAll('\\', '/')).sort());
});

describe.each(Object.entries(BUDGETS))(
  'importing from %s',
  async (packageName, { each, exports, namesTell = false }) => {
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
        expect(bytes, `npm run size shows all; budgets are in scripts/lib/size-budgets.mjs`).toBeLessThanOrEqual(
          budget,
        );
      });

      if (!namesTell) return;
      it('brings no other export but those it is made of', () => {
        const others = names.filter((other) => other !== name);
        expect(others.filter((other) => text.includes(`"${other}"`))).toEqual(brings);
      });
    });
  },
);
