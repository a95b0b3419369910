import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withFastForward } from '../../engine/with-fast-forward.ts';
import { type EvaluateOptions, evaluate } from '../../loop/evaluate.ts';
import type { TrainResult } from '../../loop/train-result.ts';
import type { TrainerOptions } from './options.ts';
import type { Loaders } from './prepare-data.ts';

/** Scores of the model as it is now: those of the log where these very weights were evaluated, and of the test data. */
export async function finalMetrics(
  model: LayersModel,
  { logHistory, best, steps }: TrainResult,
  { validation, test }: Loaders,
  { computeMetrics, ema, engine }: Pick<TrainerOptions, 'computeMetrics' | 'ema' | 'engine'>,
): Promise<Record<`eval_${string}` | `test_${string}`, number>> {
  const step = best?.step ?? steps;
  const isAverage = ema?.evaluate === 'weights' && !best; // it ends with an average that was never evaluated
  const logged = isAverage
    ? undefined
    : logHistory.filter((entry) => entry.step === step && 'eval_loss' in entry).at(-1);
  const { evaluated, tested } = await withFastForward(engine, model, async (fast) => {
    const options: EvaluateOptions = { ...(computeMetrics ? { computeMetrics } : {}), ...fast };
    return {
      evaluated: logged ?? (validation ? await evaluate<string>(model, validation, options) : {}),
      tested: test ? await evaluate<string>(model, test, options) : {},
    };
  });
  const entries = [
    ...Object.entries(evaluated).filter(([name]) => name.startsWith('eval_')),
    ...Object.entries(tested).map(([name, value]) => [name.replace(/^eval_/, 'test_'), value]),
  ];
  return Object.fromEntries(entries);
}
