import { type Batch, KdError } from '@kd/core';
import type { StepResult } from '../engine/step-engine.ts';
import type { Run } from './run.ts';

const SHOWN = 16; // sample ids in a message

/**
 * Whether a batch had a loss or gradients that are not finite, so that the engine has left everything as it was.
 *
 * @throws {KdError} NOT_FINITE if it had and the run does not skip such batches, or the engine cannot
 */
export function wasSkipped(
  run: Run,
  { loss, parts, gradNorm, skipped = false }: StepResult,
  { batch, learningRate }: { batch: Batch; learningRate: number },
): boolean {
  if (Number.isFinite(loss) && !skipped) return false;
  const { onNotFinite = 'stop' } = run.options;
  if (skipped && onNotFinite === 'skip') return true;
  const { step, epoch, savedAt } = run;
  const ids = Array.from(batch.ids as ArrayLike<number | string>);
  const what = Number.isFinite(loss) ? `the loss is ${loss}, but its gradients are not finite,` : `the loss is ${loss}`;
  const pieces = Object.entries({ ...parts, ...(gradNorm === undefined ? {} : { 'gradient norm': gradNorm }) });
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '';
  throw new KdError(
    'NOT_FINITE',
    `train: ${what} at step ${step}, epoch ${epoch + 1}, learning rate ${learningRate}` +
      `${pieces.length > 0 ? ` (${pieces.map(([name, value]) => `${name} ${value}`).join(', ')})` : ''}; ` +
      `samples ${ids.slice(0, SHOWN).join(', ')}${more}; ${lastGood(savedAt)}. ` +
      (onNotFinite === 'skip'
        ? `The engine ${run.engine.name} cannot skip such a batch: take tfjsEngine() or onnxEngine()`
        : "Lower the rate, look for NaN in images and teacher, or give onNotFinite 'skip' to go on without such batches"),
    { loss, parts, gradNorm, step, epoch, learningRate, ids, checkpoint: savedAt },
  );
}

/** Where one can go on from, for messages. */
export const lastGood = (savedAt: string | undefined): string =>
  savedAt === undefined ? 'no checkpoint has been saved' : `the last good checkpoint is '${savedAt}'`;
