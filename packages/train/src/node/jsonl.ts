import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Callback } from '../callbacks/callback.ts';

/**
 * Appends the metrics of each epoch to a file, one JSON object a line.
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
        await file.write(`${JSON.stringify({ ...extra, time: new Date().toISOString(), ...metrics })}\n`);
      } finally {
        await file.close();
      }
    },
  };
}
