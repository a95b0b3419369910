import { type Html, html, section } from '@kd/train/report';
import type { RunResults } from '../../results.ts';

/** Every setting of the run. */
export function configBlock({ config }: RunResults): Html {
  return section(
    'Settings',
    html`<details><summary>All settings of this run, as <code>config.json</code> holds them</summary><pre tabindex="0"><code>${JSON.stringify(config, null, 2)}</code></pre></details>`,
  );
}
