import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Callback } from '../callbacks/callback.ts';

/**
 * Appends the metrics of each epoch to a file, one JSON object a line: one for `split` 'train', one for 'validation'.
 *
 * @param path made if missing, with its folders
 * @param extra goes into each line, such as which network this is
 *
 * @example
 * import { metricsJsonl } from '@kd/train/node';
 * const callback = metricsJsonl('runs/mnist/metrics.jsonl', { network: 'student' });
 * console.log(typeof callback.onEpochEnd); // function
 */
export function metricsJsonl(path: string, extra: Readonly<Record<string, string | number>> = {}): Callback {
  return {
    async onEpochEnd(metrics) {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'a');
      try {
        const time = new Date().toISOString();
        const { epoch, step } = metrics;
        const entries = Object.entries(metrics).filter(([name]) => name !== 'epoch' && name !== 'step');
        for (const split of ['train', 'validation']) {
          const own = entries.filter(([name]) => name.startsWith('eval_') === (split === 'validation'));
          if (own.length === 0) continue;
          await file.write(`${JSON.stringify({ ...extra, epoch, step, split, time, ...Object.fromEntries(own) })}\n`);
        }
      } finally {
        await file.close();
      }
    },
  };
}
